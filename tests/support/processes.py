"""Which processes are alive: for tests that nothing is left behind."""

import signal

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
