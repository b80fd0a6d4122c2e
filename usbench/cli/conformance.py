"""`usbench check`: test a plugin against the contract of its kind."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from usbench import registry
from usbench.cli.catalogue import JsonOption
from usbench.cli.options import MOST_SECONDS, finite
from usbench.core.errors import UsageError, UsbenchError

if TYPE_CHECKING:
    from usbench.conformance.isolated import Report

MARKS = {"kept": "ok    ", "broken": "BROKEN", "warning": "WARN  ", "not applicable": "-     "}


def check(
    name: Annotated[
        str, typer.Argument(help="Name of a method, data set, simulator or metric, or a ./file.py with one.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Test everything that is registered. This takes a while.")
    ] = False,
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            "--dataset",
            "-d",
            help="Data sets whose test images must not be training images. Default: the default suite.",
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0.1, max=MOST_SECONDS, callback=finite, help="Time limit of one image in seconds.")
    ] = 120.0,
    as_json: JsonOption = False,
) -> int:
    """Test a plugin against the contract of its kind: a line per rule, and advice on broken ones."""
    from usbench.conformance.isolated import check_isolated

    if bool(name) == everything:
        raise UsageError("Name one plugin to check, or give --all for everything that is registered.")
    if not everything:
        report = check_isolated(name, dataset or (), seconds_per_image=seconds)
        print(json.dumps(_as_json(report)) if as_json else "\n".join(_lines(report)))
        return 0 if report.passed else 1
    reports = []
    for report in _reports(dataset or [], seconds):
        reports.append(report)
        if not as_json:
            print("\n".join(_summary(report)), flush=True)
    if as_json:
        print(json.dumps([_as_json(report) for report in reports]))
    return 0 if all(report.passed for report in reports) else 1


def _reports(datasets: list[str], seconds: float) -> Iterator["Report"]:
    from usbench.conformance.findings import Finding
    from usbench.conformance.isolated import Report, check_isolated

    for kind in registry.KINDS:
        for plugin in registry.plugins(kind):
            if plugin.left_out:
                yield Report(plugin.name, kind, (), plugin.left_out)
                continue
            try:
                yield check_isolated(plugin.name, datasets, seconds_per_image=seconds)
            except UsageError as error:  # it needs a value of the user's
                yield Report(plugin.name, kind, (), str(error))
            except UsbenchError as error:
                yield Report(plugin.name, kind, (Finding("can be loaded", "broken", str(error)),))


def _lines(report: "Report") -> Iterator[str]:
    for finding in report.findings:
        yield f"{MARKS[finding.status]} {finding.check}" + (f": {finding.reason}" if finding.reason else "")
        if finding.advice:
            yield f"       -> {finding.advice}"
    yield f"{report.name}: {_counts(report)}."


def _summary(report: "Report") -> Iterator[str]:
    if report.absent:
        yield f"-      {report.name} ({report.kind[:-1]}): not tested. {report.absent}"
        return
    mark = MARKS["kept" if report.passed else "broken"]
    yield f"{mark} {report.name} ({report.kind[:-1]}): {_counts(report)}"
    for finding in report.findings:
        if finding.advice:
            yield f"       {MARKS[finding.status].strip()} {finding.check}: {finding.reason}"


def _counts(report: "Report") -> str:
    statuses = [finding.status for finding in report.findings]
    words = {"kept": "kept", "broken": "broken", "warning": "doubtful", "not applicable": "not applicable"}
    return ", ".join(f"{statuses.count(status)} {word}" for status, word in words.items() if status in statuses)


def _as_json(report: "Report") -> dict[str, object]:
    findings = [finding.as_row() for finding in report.findings]
    about = {"name": report.name, "kind": report.kind[:-1], "passed": report.passed, "not_tested": report.absent}
    return {**about, "findings": findings}
