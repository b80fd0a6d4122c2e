"""What happens inside a worker process."""

import multiprocessing
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
    """How a unit ended: the number of its samples, and of those that failed with the first reason."""

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
    """Prepare a worker process: few threads, bounded memory, its GPU; it ignores Ctrl-C and ends with its parent."""
    global _reporter
    _reporter = reporter
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    multiprocessing.current_process().daemon = False  # a daemon must not have children, and a method may want some
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    if gpus:
        gpu = gpus.get()
        gpus.put(gpu)  # to the end: the next process takes the next one
        bind_to_gpu(gpu)
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
    return write_rows(unit, judge_unit(unit), store)


def judge_unit(unit: Unit) -> list[Row]:
    """Return the rows of a unit, and report each image to the parent."""
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
    """Return the failed rows of a unit whose process died."""
    _, dataset, _ = unit.load()
    reason = (
        f"{unit.about['method']} took its process down: it crashed, or ran past {unit.seconds_per_image:g} s an image "
        "in native code that cannot be interrupted."
    )
    return failed_rows(dataset, unit.indices, unit.about, reason)


def write_rows(unit: Unit, rows: Sequence[Row], store: Store) -> Outcome:
    """Write the rows of a unit.

    Raises
    ------
    StoreError
        If they cannot be written.
    """
    store.write(unit.key, rows, [*COLUMNS, *unit.metrics])
    reasons = [row["reason"] for row in rows if row["status"] == "failed"]
    return Outcome(unit.key, len(rows), len(reasons), reasons[0] if reasons else "")


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(1)
