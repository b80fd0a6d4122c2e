"""Bounds on what a method may take: time per image, threads per process."""

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
    """Return how long a method may take for an image.

    That is what the user gives, or else what the method's class declares as its `seconds_per_image`, or else 120 s.
    """
    return given if given is not None else getattr(method, "seconds_per_image", SECONDS_PER_IMAGE)


class _Expired(BaseException):
    """Raised inside the method; not an Exception, so that the method's own handlers let it pass."""


class Guard(Protocol):
    """Ends this process from outside if it is not back in time."""

    def expect_return(self, seconds: float) -> None:
        """Be back within `seconds`."""

    def returned(self) -> None:
        """The process is back."""


@contextmanager
def time_limit(seconds: float, what: str, guard: Guard | None = None) -> Iterator[None]:
    """Raise MethodError in the block once `seconds` have passed.

    Python code is interrupted at once. Native code that does not return cannot be: a `guard` may end the process five
    seconds later, which is meant for worker processes. Off the main thread, and without SIGALRM, there is no limit.
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
        raise MethodError(f"{what} ran past the time limit of {seconds:g} s.") from None
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
    """Make allocations of this process fail once it holds `gib` GiB of its own; where the system cannot, do nothing."""
    try:
        import resource
    except ImportError:  # not a Unix
        return
    most = int(gib * 2**30)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


@contextmanager
def thread_environment(count: int) -> Iterator[None]:
    """Set the variables from which processes started in the block take their number of threads."""
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
    """Return the number of processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def total_memory_gib() -> float:
    """Return the memory of the machine."""
    import psutil

    return psutil.virtual_memory().total / 2**30
