"""Running a plan on worker processes: what is missing is computed, whatever goes wrong is told."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import cycle
from typing import Protocol

from usbench.bench.plan import Unit
from usbench.bench.store import Store
from usbench.bench.watchdog import Overseer
from usbench.bench.worker import Outcome, crashed_rows, keep_rows, run_unit, start_worker
from usbench.core.errors import StoreError, UsbenchError
from usbench.evaluation.limits import thread_environment


class Watcher(Protocol):
    """Is told what happens, from whichever thread it happens in."""

    def started(self, unit: Unit) -> None:
        """A unit was handed to a worker."""

    def image_done(self) -> None:
        """One more image is despeckled and judged."""

    def finished(self, unit: Unit, outcome: Outcome) -> None:
        """A unit ended."""

    def note(self, sentence: str) -> None:
        """Something happened, or is left out, that the user should know of."""


class Runner(Protocol):
    """Runs units and writes their rows, here or on other machines."""

    def __call__(self, units: Sequence[Unit], store: Store, *, watcher: Watcher) -> list[Outcome]:
        """Return how each unit ended."""


def run_units(
    units: Sequence[Unit],
    store: Store,
    *,
    workers: int,
    watcher: Watcher,
    gpus: Sequence[int] = (),
) -> list[Outcome]:
    """Run units on local worker processes, each with one thread, and return how each ended.

    One thread whatever the number of workers: sums are then taken in the same order, and the rows are the same bit for
    bit. A worker that dies takes the units in flight with it; those run again, alone, and what dies again is failed.
    """
    outcomes: list[Outcome] = []
    doubtful: list[Unit] = []
    waiting = deque(units)
    while waiting or doubtful:
        alone = not waiting
        queue = deque([doubtful.pop(0)]) if alone else waiting
        with worker_processes(1 if alone else workers, watcher.image_done, gpus=gpus) as executor:
            lost = _drain(queue, executor, 1 if alone else workers, store, watcher, outcomes)
        if alone:
            for unit in lost:
                outcome = give_up(unit, store)
                outcomes.append(outcome)
                watcher.finished(unit, outcome)
        else:
            doubtful += lost
    return outcomes


def _drain(
    waiting: deque[Unit],
    executor: Executor,
    workers: int,
    store: Store,
    watcher: Watcher,
    outcomes: list[Outcome],
) -> list[Unit]:
    """Run what waits; return the units in flight if the pool broke, else nothing."""
    flying: dict[Future[Outcome], Unit] = {}
    lost: list[Unit] = []
    while (waiting or flying) and not lost:
        while waiting and len(flying) < workers:
            unit = waiting.popleft()
            try:
                flying[executor.submit(run_unit, unit, store)] = unit
            except BrokenProcessPool:
                lost.append(unit)
                break
            watcher.started(unit)
        done, _ = wait(flying, return_when=FIRST_COMPLETED)
        for future in done:
            unit = flying.pop(future)
            try:
                outcome = future.result()
            except BrokenProcessPool:
                lost.append(unit)
                continue
            except UsbenchError as error:
                outcome = Outcome.lost(unit, str(error))
            outcomes.append(outcome)
            watcher.finished(unit, outcome)
    return lost + list(flying.values())


def give_up(unit: Unit, store: Store) -> Outcome:
    """Write failed rows for a unit that took its process down."""
    try:
        return keep_rows(unit, crashed_rows(unit), store)
    except StoreError as error:
        return Outcome.lost(unit, str(error))


@contextmanager
def worker_processes(
    count: int,
    image_done: Callable[[], None],
    threads: int = 1,
    gpus: Sequence[int] = (),
    memory_gib: float | None = None,
) -> Iterator[ProcessPoolExecutor]:
    """Start `count` fresh processes of `threads` threads each, and end them however the block is left.

    They are bound to `gpus` in turn, if any are given, and their allocations fail beyond `memory_gib` each.
    """
    context = multiprocessing.get_context("spawn")
    turns = context.SimpleQueue()
    for _, gpu in zip(range(count), cycle(gpus), strict=False):
        turns.put(gpu)
    overseer = Overseer(context, image_done)
    executor = ProcessPoolExecutor(
        count,
        mp_context=context,
        initializer=start_worker,
        initargs=(threads, overseer.reporter, os.getpid(), turns if gpus else None, memory_gib),
    )
    try:
        with thread_environment(threads), _deaf_to_interrupts():
            executor.submit(os.getpid)  # starts all processes
        yield executor
    except BaseException:
        kill_processes(executor)
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        overseer.close()
        turns.close()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ignore Ctrl-C in the block, and in processes that are started in it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def kill_processes(executor: ProcessPoolExecutor) -> None:
    """End the processes of a pool at once, whatever they do."""
    for process in list((executor._processes or {}).values()):
        process.kill()
