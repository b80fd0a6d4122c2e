"""Processes that a Dask worker keeps for units: what crashes or hangs there leaves the worker as it is."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from usbench.bench.run import kill_processes, worker_processes

Given = TypeVar("Given")
Returned = TypeVar("Returned")

POLL_SECONDS = 0.5

_lock = threading.Lock()
_idle: list["Child"] = []


class Unwanted(Exception):
    """Nobody waits for the result any more."""


class Child:
    """One process of one thread. It keeps loaded modules from call to call, as processes of a local run do.

    Attributes
    ----------
    run
        In which it was started: for a later one its modules may be older than the files they came from.
    """

    def __init__(self, run: str) -> None:
        self.run = run
        self._open = ExitStack()
        with _lock:  # the environment of new processes is set for this whole process
            multiprocessing.current_process().daemon = False  # a nanny's worker is one, and must not have children
            self._pool = self._open.enter_context(worker_processes(1, lambda: None))

    def call(self, function: Callable[[Given], Returned], given: Given, wanted: Callable[[], bool]) -> Returned:
        """Return what the function returns in the process, as long as `wanted` says that somebody waits for it.

        Raises
        ------
        Unwanted
            Once `wanted` says no. What ran is then killed.
        BrokenProcessPool
            If the process dies.
        """
        future = self._pool.submit(function, given)
        while not wait([future], timeout=POLL_SECONDS).done:
            if not wanted():
                kill_processes(self._pool)
                raise Unwanted
        return future.result()

    def close(self) -> None:
        """End the process."""
        self._open.close()


@contextmanager
def kept_child(run: str) -> Iterator[Child]:
    """Give a child and keep it afterwards; one that dies, or fails with modules of a former run, is ended."""
    with _lock:
        child = _idle.pop() if _idle else None
    child = child or Child(run)
    try:
        yield child
    except (BrokenProcessPool, Unwanted):
        child.close()
        raise
    except Exception:
        _keep(child) if child.run == run else child.close()
        raise
    _keep(child)


def _keep(child: Child) -> None:
    with _lock:
        _idle.append(child)
