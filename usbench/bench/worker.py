"""What happens inside a worker process: units of a plan, and times."""

import os
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue

from usbench.bench.plan import Unit
from usbench.bench.store import Store
from usbench.bench.watchdog import Reporter
from usbench.evaluation.devices import bind_to_gpu
from usbench.evaluation.evaluate import COLUMNS, Row, failed_rows, judge
from usbench.evaluation.limits import bound_memory, bound_threads
from usbench.runtime.malloc import keep_freed_memory

PARENT_CHECK_SECONDS = 0.5

_reporter: Reporter | None = None


@dataclass(frozen=True)
class Outcome:
    """How a unit ended: samples that are there, samples that failed with the first reason."""

    key: str
    samples: int
    failed: int
    reason: str = ""

    @classmethod
    def lost(cls, unit: Unit, reason: str) -> "Outcome":
        """Return the outcome of a unit that leaves no rows."""
        return cls(unit.key, len(unit.indices), len(unit.indices), reason)


def start_worker(
    threads: int, reporter: Reporter, parent: int, gpus: "SimpleQueue[int] | None", memory_gib: float | None
) -> None:
    """Prepare a worker process: few threads, bounded memory, its GPU, deaf to Ctrl-C, gone when its parent is."""
    global _reporter
    _reporter = reporter
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, args=(parent,), daemon=True).start()
    if gpus:
        bind_to_gpu(gpus.get())
    keep_freed_memory()
    bound_threads(threads)
    if memory_gib:
        bound_memory(memory_gib)


def run_unit(unit: Unit, store: Store) -> Outcome:
    """Judge the samples of a unit and write its rows.

    Raises
    ------
    StoreError
        If the rows cannot be written.
    """
    return keep_rows(unit, judge_unit(unit), store)


def judge_unit(unit: Unit) -> list[Row]:
    """Return the rows of a unit, and tell the parent of each image."""
    method, dataset, metrics = unit.load()
    rows = judge(
        method,
        dataset,
        unit.indices,
        metrics,
        unit.about,
        seconds_per_image=unit.seconds_per_image,
        guard=_reporter,
        image_done=_reporter.image_done if _reporter else lambda: None,
    )
    return list(rows)


def crashed_rows(unit: Unit) -> list[Row]:
    """Return the failed rows of a unit that took its process down."""
    _, dataset, _ = unit.load()
    reason = (
        f"{unit.about['method']} took its process down: it crashed, or ran past {unit.seconds_per_image:g} s an image "
        "in native code that cannot be interrupted."
    )
    return failed_rows(dataset, unit.indices, unit.about, reason)


def keep_rows(unit: Unit, rows: Sequence[Row], store: Store) -> Outcome:
    """Write the rows of a unit.

    Raises
    ------
    StoreError
        If they cannot be written.
    """
    store.write(unit.key, rows, [*COLUMNS, *unit.metrics])
    reasons = [row["reason"] for row in rows if row["status"] == "failed"]
    return Outcome(unit.key, len(rows), len(reasons), reasons[0] if reasons else "")


def reporter() -> Reporter | None:
    """Return what this process tells its parent by, if it is a worker."""
    return _reporter


def _follow_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(1)
