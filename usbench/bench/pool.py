"""Worker processes: each runs one task at a time, and one that crashes or hangs costs that task alone."""

import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from itertools import count
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, TypeVar

from usbench.bench.processes import TrackedSpawn
from usbench.bench.watchdog import MARK, Watchdog, end_marked
from usbench.bench.worker import run_task, start_worker
from usbench.core.errors import UsbenchError, sentence
from usbench.evaluation.limits import THREAD_VARIABLES, environment

if TYPE_CHECKING:
    from pebble import ProcessPool

Result = TypeVar("Result")
OURS = uuid.uuid4().hex  # mark of the workers of this process
_lock = threading.Lock()
_open: list[None] = []  # an item for each block that starts processes


class Pool:
    """Worker processes; see `worker_pool`."""

    def __init__(self, processes: "ProcessPool", *, fresh: bool) -> None:
        self._processes, self._fresh = processes, fresh
        self._numbers = count(1)
        self._running: dict[int, Future[Any]] = {}
        self._looks = 0  # in a row that found the pool broken
        self.stopping = False

    def schedule(self, function: "Callable[..., Result]", *args: Any, timeout: float | None = None) -> "Future[Result]":
        """Have a process call a function, and return its future; see `result_of`.

        Raises
        ------
        Broken
            If the pool is of no more use.
        """
        number = next(self._numbers)
        task = [number, self._fresh, function, *args]
        try:
            future: Future[Result] = self._processes.schedule(run_task, args=task, timeout=timeout)
        except RuntimeError as error:
            raise Broken(sentence(error)) from None
        self._running[number] = future
        future.add_done_callback(lambda _: self._running.pop(number, None))
        return future

    def give_up(self, number: int) -> None:
        """Cancel a task whose process is gone."""
        if future := self._running.get(number):
            future.cancel()

    def look(self) -> None:
        """Fail the tasks of a broken pool: pebble forgets one that is given to it while it breaks."""
        broken = bool(self._running) and not self.stopping and not self._processes.active
        self._looks = self._looks + 1 if broken else 0
        if self._looks > 1:  # by then pebble has failed those that it knows of
            for future in list(self._running.values()):
                with suppress(InvalidStateError):
                    future.set_exception(BrokenProcessPool("A process of the pool died."))


def result_of(future: "Future[Result]") -> "Result":
    """Return the result of a task.

    Raises
    ------
    Died
        If its process died; `Broken` if that, or the death of an idle one, took the pool down.
    TimeoutError
        If it took longer than its timeout.
    UsbenchError
        If it raised anything.
    """
    from pebble import ProcessExpired

    try:
        error = future.exception()
    except CancelledError:
        raise Died("its process ended before it returned") from None
    if error is None:
        return future.result()
    if isinstance(error, BrokenProcessPool):
        raise Broken(sentence(error)) from None
    if isinstance(error, ProcessExpired):
        raise Died(sentence(error)) from None
    if isinstance(error, TimeoutError | UsbenchError):
        raise error
    raise UsbenchError(sentence(error))


class Died(Exception):
    """The process of a task ended before it returned."""


class Broken(Died):
    """The pool is of no more use: an idle process died, which pebble does not survive."""


@contextmanager
def worker_pool(
    processes: int,
    image_done: Callable[[], None] = lambda: None,
    *,
    threads: int = 1,
    gpus: Sequence[int] = (),
    memory_gib: float | None = None,
    fresh: bool = False,
) -> Iterator[Pool]:
    """Start processes for tasks (`schedule`), and end them however the block is left.

    A task whose process dies raises `Died` in `result_of`; a new process takes its place. With the processes ends what
    they have started. The results of all tasks have to be taken in the block.

    Parameters
    ----------
    processes
        How many.
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

    context = TrackedSpawn()
    watchdog = Watchdog(context, image_done, lambda number: tasks.give_up(number), lambda: tasks.look())
    turns = context.SimpleQueue()
    for gpu in gpus:
        turns.put(gpu)
    pool = ProcessPool(
        max_workers=processes,
        max_tasks=1 if fresh else 0,
        context=context,
        initializer=start_worker,
        initargs=(threads, watchdog.reporter, os.getpid(), turns if gpus else None, memory_gib),
    )
    tasks = Pool(pool, fresh=fresh)
    with ending_what_is_left(), environment(dict.fromkeys(THREAD_VARIABLES, str(threads))):
        try:
            with _interrupts_blocked():
                pool.active  # noqa: B018  starts the threads that start the processes
            yield tasks
        finally:
            tasks.stopping = True
            pool.stop()
            context.end_processes()
            pool.join()
            watchdog.close()


@contextmanager
def ending_what_is_left() -> Iterator[None]:
    """Mark processes that are started in the block, and end what they left behind once the last such block is left."""
    if hasattr(resource_tracker, "ensure_running"):
        resource_tracker.ensure_running()  # before anything is marked: it serves all processes to the end
    with _lock:
        _open.append(None)
    try:
        with environment({MARK: OURS}):
            yield
    finally:
        with _lock:
            _open.pop()
            if not _open:
                end_marked(OURS)


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
