"""What a training has taken: time, and the work of processor cores."""

import multiprocessing
import time
from contextlib import suppress

import psutil


class Clock:
    """Seconds over all sessions.

    Parameters
    ----------
    elapsed, core_seconds
        Of the sessions before.
    on_gpu
        Whether a GPU does the work; its seconds count then.
    """

    def __init__(self, elapsed: float, core_seconds: float, *, on_gpu: bool) -> None:
        self._elapsed, self._core_seconds, self._on_gpu = elapsed, core_seconds, on_gpu
        self._started, self._core_started = time.monotonic(), _core_seconds()
        self._waited = 0.0

    def elapsed(self) -> float:
        """Return the seconds of wall-clock time."""
        return self._elapsed + self._here()

    def core_seconds(self) -> float:
        """Return the seconds that cores worked for this process and its loaders: busy neighbours add none to them."""
        here = self._here() if self._on_gpu else _core_seconds() - self._core_started
        return self._core_seconds + here

    def waited(self, since: float) -> None:
        """Count the time since `time.monotonic()` was `since` as spent waiting for pairs."""
        self._waited += time.monotonic() - since

    def data_wait(self) -> float:
        """Return the fraction of this session's time that was spent waiting for pairs."""
        return self._waited / max(1e-9, self._here())

    def _here(self) -> float:
        return time.monotonic() - self._started


def _core_seconds() -> float:
    own = psutil.Process().cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in multiprocessing.active_children():
        with suppress(psutil.Error):
            times = psutil.Process(child.pid).cpu_times()
            total += times.user + times.system
    return float(total)
