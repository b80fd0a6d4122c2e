"""Bounds on what a method may take: time per image, threads per process."""

import faulthandler
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from usbench.errors import MethodError

GRACE_SECONDS = 5.0
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class _Expired(BaseException):
    """Raised inside the method; not an Exception, so that the method's own handlers let it pass."""


@contextmanager
def time_limit(seconds: float, what: str, kill: bool = False) -> Iterator[None]:
    """Raise MethodError in the block once `seconds` have passed.

    Python code is interrupted at once. Native code that does not return cannot be: with `kill` the process ends five
    seconds later, which is meant for worker processes. Off the main thread, and without SIGALRM, there is no limit.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def expire(*_: object) -> None:
        raise _Expired

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    if kill:
        faulthandler.dump_traceback_later(seconds + GRACE_SECONDS, exit=True, file=_null())
    try:
        yield
    except _Expired:
        raise MethodError(f"{what} ran past the time limit of {seconds:g} s.") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if kill:
            faulthandler.cancel_dump_traceback_later()


def bound_threads(count: int) -> None:
    """Limit torch, numba and BLAS of this process to `count` threads each."""
    import numba
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(count)
    numba.set_num_threads(min(count, numba.get_num_threads()))
    threadpool_limits(count)


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


_NULL: list = []


def _null():  # faulthandler keeps the file's descriptor, so the file must outlive the call
    if not _NULL:
        _NULL.append(open(os.devnull, "w"))  # noqa: SIM115
    return _NULL[0]
