"""Limits of time per image, threads and memory."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from usbench.core.errors import MethodError
from usbench.core.method import Method

SECONDS_PER_IMAGE = 120.0  # unless the user or the method says otherwise
GRACE_SECONDS = 5.0
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def seconds_for(method: Method, given: float | None) -> float:
    """Return the time limit of a method for an image.

    It is the user's, or else `seconds_per_image` of the method's class, or else 120 s.
    """
    return given if given is not None else getattr(method, "seconds_per_image", SECONDS_PER_IMAGE)


class _Expired(BaseException):
    """Raised inside the method; not an Exception, so that the method's own handlers do not catch it."""


class Guard(Protocol):
    """Ends this process from outside if it does not return in time."""

    def expect_return(self, seconds: float) -> None:
        """Expect the process to return within `seconds`."""

    def returned(self) -> None:
        """The process has returned."""


@contextmanager
def time_limit(seconds: float, what: str, guard: Guard | None = None) -> Iterator[None]:
    """Raise MethodError in the block once `seconds` have passed.

    Python code is interrupted at once. Native code cannot be interrupted: a `guard` may end the process five seconds
    later, which is meant for worker processes. Outside of the main thread, and without SIGALRM, there is no limit.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def expire(*_: object) -> None:
        raise _Expired

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    if guard:
        guard.expect_return(seconds + GRACE_SECONDS)
    try:
        yield
    except _Expired:
        raise MethodError(f"{what} exceeded the time limit of {seconds:g} s.") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if guard:
            guard.returned()


def bound_threads(count: int) -> None:
    """Limit torch, numba and BLAS of this process to `count` threads each."""
    import numba
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(count)
    numba.set_num_threads(min(count, numba.get_num_threads()))
    threadpool_limits(count)


def bound_memory(gib: float) -> None:
    """Make allocations of this process fail beyond `gib` GiB of its own; do nothing if the system cannot."""
    try:
        import resource
    except ImportError:  # not a Unix
        return
    most = int(gib * 2**30)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


@contextmanager
def thread_environment(count: int) -> Iterator[None]:
    """Set the environment variables for the number of threads of processes started in the block."""
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(count)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def total_memory_gib() -> float:
    """Return the memory of the machine in GiB."""
    import psutil

    return psutil.virtual_memory().total / 2**30
