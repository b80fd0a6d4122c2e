"""Every unit in a process of its own, so that a method can harm nothing but its own unit."""

import sys
from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle

from usbench.bench.plan import Unit
from usbench.bench.run import Watcher, give_up, worker_processes
from usbench.bench.store import Store
from usbench.bench.worker import Outcome, run_unit
from usbench.core.errors import UsbenchError


@dataclass
class _Cell:
    """A unit and the process that it is in."""

    unit: Unit
    process: ExitStack = field(default_factory=ExitStack)


def run_isolated(
    units: Sequence[Unit],
    store: Store,
    *,
    workers: int,
    memory_gib: float,
    watcher: Watcher,
    gpus: Sequence[int] = (),
) -> list[Outcome]:
    """Run units as `run_units` does, each in a fresh process that may take `memory_gib`, and return how each ended.

    What crashes, hangs or takes more memory is failed at once. A fresh process costs one or two seconds a unit.
    """
    outcomes: list[Outcome] = []
    waiting = deque(units)
    turns = cycle([[gpu] for gpu in gpus] or [[]])
    flying: dict[Future[Outcome], _Cell] = {}
    try:
        while waiting or flying:
            while waiting and len(flying) < workers:
                cell = _Cell(waiting.popleft())
                processes = worker_processes(1, watcher.image_done, gpus=next(turns), memory_gib=memory_gib)
                executor = cell.process.enter_context(processes)
                flying[executor.submit(run_unit, cell.unit, store)] = cell
                watcher.started(cell.unit)
            done, _ = wait(flying, return_when=FIRST_COMPLETED)
            for future in done:
                cell = flying.pop(future)
                outcome = _outcome(future, cell.unit, store)
                cell.process.close()
                outcomes.append(outcome)
                watcher.finished(cell.unit, outcome)
    except BaseException:
        for cell in flying.values():
            cell.process.__exit__(*sys.exc_info())
        raise
    return outcomes


def _outcome(future: Future[Outcome], unit: Unit, store: Store) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        return give_up(unit, store)
    except UsbenchError as error:
        return Outcome.lost(unit, str(error))
