"""Limits of time per image, threads and memory."""

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from usbench.core.errors import MethodError, UsbenchError, sentence
from usbench.core.method import Method

SECONDS_PER_IMAGE = 120.0  # unless the user or the method says otherwise
GRACE_SECONDS = 5.0
REPEAT_SECONDS = 1.0  # between interruptions of code that goes on after one
LOADING_SECONDS = 1800.0  # for a sample, which may be simulated, or for what a metric computes
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def seconds_for(method: Method, given: float | None) -> float:
    """Return the time limit of a method for an image.

    It is the user's, or else `seconds_per_image` of the method's class, or else 120 s.
    """
    return given if given is not None else getattr(method, "seconds_per_image", SECONDS_PER_IMAGE)


class Expired(BaseException):
    """Raised inside the method; not an Exception, so that the method's own handlers do not catch it."""


class Guard(Protocol):
    """Ends this process from outside if it does not return in time."""

    def expect_return(self, seconds: float) -> None:
        """Expect the process to return within `seconds`."""

    def returned(self) -> None:
        """The process has returned."""


@contextmanager
def contained(what: str) -> Iterator[None]:
    """Raise MethodError for anything that a plugin raises in the block: `sys.exit` and KeyboardInterrupt included.

    Errors of ours pass, and so does a Ctrl-C of the user. A child that the plugin forks and lets return ends here.
    """
    process = os.getpid()
    try:
        yield
    except (UsbenchError, Expired):
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and _by_the_user():
            raise
        raise MethodError(f"{what} raised {sentence(error)}") from error
    finally:
        if os.getpid() != process:
            os._exit(1)


@contextmanager
def time_limit(seconds: float, what: str, guard: Guard | None = None) -> Iterator[None]:
    """Raise MethodError in the block once `seconds` have passed.

    Python code is interrupted at once, and once a second from then on if it does not stop. Native code cannot be
    interrupted: a `guard` may end the process five seconds later, which is meant for worker processes. Outside of the
    main thread, and without SIGALRM, there is no limit.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def expire(*_: object) -> None:
        raise Expired

    with noting_interrupts():
        previous = signal.signal(signal.SIGALRM, expire)
        signal.setitimer(signal.ITIMER_REAL, seconds, REPEAT_SECONDS)
        if guard:
            guard.expect_return(seconds + GRACE_SECONDS)
        try:
            yield
        except Expired:
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise MethodError(f"{what} exceeded the time limit of {seconds:g} s.") from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
            if guard:
                guard.returned()


_interrupted: bool | None = None  # by Ctrl-C in the block that notes it; None outside


@contextmanager
def noting_interrupts() -> Iterator[None]:
    """Note in the block, in the main thread, that the user has pressed Ctrl-C.

    `contained` needs it to distinguish the user's KeyboardInterrupt from a plugin's, and `raise_if_interrupted` to find
    one that was lost: Python drops an exception that is raised in a finaliser or a callback of the garbage collector.
    """
    global _interrupted
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def interrupt(*_: object) -> None:
        global _interrupted
        _interrupted = True
        raise KeyboardInterrupt

    _interrupted = False
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        _interrupted = None
        signal.signal(signal.SIGINT, signal.default_int_handler)


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt if the user has pressed Ctrl-C in the block that notes it."""
    if _interrupted:
        raise KeyboardInterrupt


def _by_the_user() -> bool:
    """Return whether a KeyboardInterrupt may be the user's: workers ignore Ctrl-C, and elsewhere it is noted."""
    return _interrupted is not False and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


def bound_threads(count: int) -> None:
    """Limit torch, numba and BLAS of this process to `count` threads each."""
    import numba
    import torch
    from threadpoolctl import threadpool_limits

    numba.set_num_threads(min(count, numba.get_num_threads()))
    torch.set_num_threads(count)  # after numba, whose threads change it when they start
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
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for processes that are started in the block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
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
