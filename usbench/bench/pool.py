"""Worker processes: each runs one task at a time, and one that crashes or hangs costs that task alone."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from usbench.bench.watchdog import Watchdog
from usbench.bench.worker import start_worker
from usbench.evaluation.limits import thread_environment

if TYPE_CHECKING:
    from pebble import ProcessPool


@contextmanager
def worker_pool(
    count: int,
    image_done: Callable[[], None] = lambda: None,
    *,
    threads: int = 1,
    gpus: Sequence[int] = (),
    memory_gib: float | None = None,
    fresh: bool = False,
) -> Iterator["ProcessPool"]:
    """Start processes for tasks (`schedule`), and end them however the block is left.

    A task whose process dies raises `pebble.ProcessExpired`; a new process takes its place.

    Parameters
    ----------
    count
        Processes.
    image_done
        Called, from another thread, when a worker reports that it has finished an image.
    threads
        Of each process.
    gpus
        To which the processes are bound in turn.
    memory_gib
        Allocations beyond it fail.
    fresh
        Whether each task gets a new process.
    """
    from pebble import ProcessPool

    context = multiprocessing.get_context("spawn")
    watchdog = Watchdog(context, image_done)
    turns = context.SimpleQueue()
    for gpu in gpus:
        turns.put(gpu)
    pool = ProcessPool(
        max_workers=count,
        max_tasks=1 if fresh else 0,
        context=context,
        initializer=start_worker,
        initargs=(threads, watchdog.reporter, os.getpid(), turns if gpus else None, memory_gib),
    )
    with thread_environment(threads):
        try:
            with _interrupts_blocked():
                pool.active  # noqa: B018  starts the threads that start the processes
            yield pool
        except BaseException:
            pool.stop()
            raise
        else:
            pool.close()
        finally:
            pool.join()
            watchdog.close()


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block Ctrl-C in threads that are started in the block, and so in the processes that these start."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous)
