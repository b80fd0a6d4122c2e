"""The conformance test in a separate process, so that a crash or a hang of a plugin is a finding like others."""

import multiprocessing
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from usbench.bench.pool import ending_what_is_left
from usbench.conformance import SECONDS_PER_IMAGE, check_loaded
from usbench.conformance.find import find_plugin
from usbench.conformance.findings import Finding
from usbench.core.errors import PluginError, UsageError, UsbenchError
from usbench.evaluation.limits import GRACE_SECONDS
from usbench.program_method import ending

LOOK_SECONDS = 0.2
LOADING_SECONDS = 300.0  # for imports and rules without plugin code, such as the search for training images


@dataclass(frozen=True)
class Report:
    """The findings on one plugin.

    Attributes
    ----------
    name, kind
        The plugin; the kind is empty if it could not be loaded.
    findings
        In the order of the rules.
    absent
        Why a plugin that is not available here could not be tested; else empty.
    """

    name: str
    kind: str
    findings: tuple[Finding, ...]
    absent: str = ""

    @property
    def passed(self) -> bool:
        """Whether no rule is broken."""
        return all(finding.passed for finding in self.findings)


def check_isolated(name: str, datasets: Sequence[str] = (), *, seconds_per_image: float = SECONDS_PER_IMAGE) -> Report:
    """Test a plugin as `check_plugin` does, in a new process; if that dies, the current rule is broken.

    Output of the plugin goes to standard error.

    Raises
    ------
    UsageError, PluginError
        As `check_plugin`.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_child, args=(theirs, name, tuple(datasets), seconds_per_image))
    with ending_what_is_left():
        process.start()
        theirs.close()
        try:
            return _listen(ours, process, name)
        finally:
            process.kill()
            process.join(GRACE_SECONDS)
            ours.close()


def _listen(connection: Connection, process: Any, name: str) -> Report:
    kind, rule, allowed = "", "", LOADING_SECONDS
    findings: list[Finding] = []
    while True:
        try:
            if not _answers(connection, process, allowed):
                findings.append(_lost(rule, f"it did not return within {allowed:g} s, and could not be interrupted"))
                return Report(name, kind, tuple(findings))
            message, content = connection.recv()
        except (EOFError, OSError):
            process.join(GRACE_SECONDS)
            findings.append(_lost(rule, f"it ended the process: {ending(process.exitcode or 0)}"))
            return Report(name, kind, tuple(findings))
        if message == "kind":
            kind = content
        elif message == "rule":
            rule, allowed = content, LOADING_SECONDS
        elif message == "expect":
            allowed = content
        elif message == "finding":
            findings.append(content)
        elif message == "error":
            of_usage, sentence = content
            raise UsageError(sentence) if of_usage else PluginError(sentence)
        else:
            return Report(name, kind, tuple(findings))


def _answers(connection: Connection, process: Any, seconds: float) -> bool:
    """Return whether there is a message in time; raise EOFError if the process is gone.

    The end of the pipe alone would not tell: a process that the plugin has forked keeps it open.
    """
    until = time.monotonic() + seconds
    while not connection.poll(LOOK_SECONDS):
        if not process.is_alive() and not connection.poll():
            raise EOFError
        if time.monotonic() > until:
            return False
    return True


def _lost(rule: str, reason: str) -> Finding:
    advice = "The rules after this one were not tested. Native code is the usual cause: run it under a debugger."
    return Finding(rule or "can be imported", "broken", reason, advice)


class _Guard:
    """Sends the parent the time until which to expect an answer from this process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def expect_return(self, seconds: float) -> None:
        self._connection.send(("expect", seconds))

    def returned(self) -> None:
        self._connection.send(("expect", LOADING_SECONDS))


def _child(connection: Connection, name: str, datasets: tuple[str, ...], seconds_per_image: float) -> None:
    os.dup2(2, 1)  # standard output is for the report
    try:
        kind, plugin = find_plugin(name)
        connection.send(("kind", kind))
        found = check_loaded(
            kind,
            plugin,
            datasets,
            seconds_per_image=seconds_per_image,
            guard=_Guard(connection),
            begun=lambda title: connection.send(("rule", title)),
        )
        for finding in found:
            connection.send(("finding", finding))
        connection.send(("end", None))
    except UsbenchError as error:
        connection.send(("error", (isinstance(error, UsageError), str(error))))
