"""Processes of tests, and which are alive, for tests that nothing is left behind."""

import signal
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event

import psutil


def heed_ctrl_c() -> None:
    """Be stopped by SIGINT: the `preexec_fn` of a process whose parent may ignore it, as under nohup."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def alive(*command: str) -> list[psutil.Process]:
    """Return the processes of this machine with exactly this command line, without those that have ended.

    A process may end, or become a zombie that its parent has not waited for, between any two questions; `process_iter`
    answers with None for such a one where `Process.cmdline` raises.
    """
    return [process for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"] == list(command)]


def wait_until(condition: Callable[[], object], seconds: float = 120) -> None:
    """Wait for what other processes do; fail after so long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def busy_for(seconds: float, done: Event, leave: Event) -> None:
    """Keep a core busy until this process has had it for so long; set `done`, and wait to be told to leave."""
    while time.process_time() < seconds:
        pass
    done.set()
    leave.wait()
