"""Running units on worker processes of this machine."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Protocol

from usbench.bench.plan import Unit
from usbench.bench.pool import Broken, Died, Pool, result_of, worker_pool
from usbench.bench.store import LOOSE, Store
from usbench.bench.worker import Outcome, lost_rows, run_unit, write_rows
from usbench.core.errors import StoreError, UsbenchError
from usbench.evaluation.limits import contained, raise_if_interrupted

MOST_BROKEN = 3  # pools in a row that finish no unit


class Watcher(Protocol):
    """Progress callbacks; may be called from any thread."""

    def started(self, unit: Unit) -> None:
        """A unit was handed to a worker."""

    def image_done(self) -> None:
        """One more image is despeckled and judged."""

    def finished(self, unit: Unit, outcome: Outcome) -> None:
        """A unit ended."""

    def note(self, sentence: str) -> None:
        """Something happened, or is left out, that the user should know."""


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
    isolate_gib: float | None = None,
) -> list[Outcome]:
    """Run units on local worker processes, each with one thread, and return how each ended.

    One thread whatever the number of workers: sums are then taken in the same order, and the rows are the same bit for
    bit. A unit whose process dies is failed; the others go on.

    Parameters
    ----------
    isolate_gib
        If given, each unit runs in a process of its own that may take this much memory in GiB.
    """
    outcomes: list[Outcome] = []
    waiting = deque(units)
    isolated = isolate_gib is not None
    broken = 0
    while waiting:
        before = len(outcomes)
        with worker_pool(workers, watcher.image_done, gpus=gpus, memory_gib=isolate_gib, fresh=isolated) as pool:
            _drain(pool, waiting, outcomes, store, workers, watcher)
        broken = broken + 1 if waiting and len(outcomes) == before else 0
        if broken == MOST_BROKEN:
            raise UsbenchError("Worker processes die before they finish anything; is there memory for them?")
    return outcomes


def _drain(
    pool: Pool, waiting: deque[Unit], outcomes: list[Outcome], store: Store, workers: int, watcher: Watcher
) -> None:
    """Run units until none waits, or the pool breaks: what ran then waits again."""
    running: dict[Future[Outcome], Unit] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                running[pool.schedule(run_unit, waiting[0], store)] = waiting[0]
                watcher.started(waiting.popleft())
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            raise_if_interrupted()
            for future in done:
                outcome = _outcome(future, running[future], store)
                outcomes.append(outcome)
                watcher.finished(running.pop(future), outcome)
                if len(outcomes) % LOOSE == 0:
                    store.pack()
    except Broken:
        waiting.extendleft(running.values())


def _outcome(future: Future[Outcome], unit: Unit, store: Store) -> Outcome:
    try:
        return result_of(future)
    except Broken:
        raise
    except Died:
        return fail_unit(unit, store)
    except StoreError as error:
        return Outcome.lost(unit, str(error))
    except UsbenchError as error:
        return fail_unit(unit, store, str(error))


def fail_unit(unit: Unit, store: Store, why: str = "") -> Outcome:
    """Write failed rows for a unit whose process died, or that could not be run for the reason given."""
    try:
        with contained(unit.dataset):
            rows = lost_rows(unit, why)
        return write_rows(unit, rows, store)
    except UsbenchError as error:
        return Outcome.lost(unit, why or str(error))
