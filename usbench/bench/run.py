"""Running units on worker processes of this machine."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Protocol

from usbench.bench.plan import Unit
from usbench.bench.pool import worker_pool
from usbench.bench.store import LOOSE, Store
from usbench.bench.worker import Outcome, crashed_rows, run_unit, write_rows
from usbench.core.errors import StoreError, UsbenchError


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
    running: dict[Future[Outcome], Unit] = {}
    isolated = isolate_gib is not None
    with worker_pool(workers, watcher.image_done, gpus=gpus, memory_gib=isolate_gib, fresh=isolated) as pool:
        while waiting or running:
            while waiting and len(running) < workers:
                unit = waiting.popleft()
                running[pool.schedule(run_unit, args=[unit, store])] = unit
                watcher.started(unit)
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                unit = running.pop(future)
                outcomes.append(_outcome(future, unit, store))
                watcher.finished(unit, outcomes[-1])
                if len(outcomes) % LOOSE == 0:
                    store.pack()
    return outcomes


def _outcome(future: Future[Outcome], unit: Unit, store: Store) -> Outcome:
    from pebble import ProcessExpired

    try:
        return future.result()
    except ProcessExpired:
        return fail_unit(unit, store)
    except UsbenchError as error:
        return Outcome.lost(unit, str(error))


def fail_unit(unit: Unit, store: Store) -> Outcome:
    """Write failed rows for a unit whose process died."""
    try:
        return write_rows(unit, crashed_rows(unit), store)
    except StoreError as error:
        return Outcome.lost(unit, str(error))
