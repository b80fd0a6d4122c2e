"""What happens inside a worker process."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from typing import Any, TypeVar

from usbench import registry
from usbench.bench.plan import Unit
from usbench.bench.store import Store
from usbench.bench.watchdog import MARK, Reporter, end_group, end_marked
from usbench.core.errors import UsbenchError, reason
from usbench.evaluation.devices import bind_to_gpu
from usbench.evaluation.evaluate import COLUMNS, Row, failed_rows, judge
from usbench.evaluation.limits import GRACE_SECONDS, LOADING_SECONDS, bound_memory, bound_threads, time_limit
from usbench.runtime.malloc import keep_freed_memory

PARENT_CHECK_SECONDS = 0.5

Result = TypeVar("Result")

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
    if hasattr(os, "setsid"):
        os.setsid()  # the leader of a group: what it starts can be ended with it
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


def run_task(number: int, last: bool, function: Callable[..., Result], *args: Any) -> Result:
    """Return what a function returns; whatever it raises is an error of ours, which other processes can read.

    Parameters
    ----------
    number
        Of the task, for the parent.
    last
        Whether this process is to end after it.
    """
    process = os.getpid()
    if _reporter:
        _reporter.begun(number)
    try:
        return function(*args)
    except BaseException as error:  # sys.exit would end this process, and exceptions of plugins cannot be sent
        raise _portable(error) from None
    finally:
        if os.getpid() != process:
            os._exit(1)  # a child that a plugin forked and let return
        if _reporter:
            _reporter.ended(number)
        if last:
            _leave_soon()


def _leave_soon() -> None:
    """End what this process has started, and this process if something keeps it from ending by itself."""
    import psutil

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    timer = threading.Timer(GRACE_SECONDS, os._exit, (0,))
    timer.daemon = True
    timer.start()


def _portable(error: BaseException) -> UsbenchError:
    if isinstance(error, UsbenchError) and type(error).__module__.startswith("usbench."):
        with suppress(TypeError):  # an error that is made of something else
            return type(error)(reason(error))
    return UsbenchError(reason(error))


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
    with time_limit(LOADING_SECONDS, f"Loading {unit.method} and {unit.dataset}", _reporter):
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


def lost_rows(unit: Unit, why: str = "") -> list[Row]:
    """Return the failed rows of a unit: whose process died, or that could not be run for the reason given."""
    died = (
        f"{unit.about['method']} took its process down: it crashed or ended it, or ran past "
        f"{unit.seconds_per_image:g} s an image in native code that cannot be interrupted."
    )
    dataset = registry.load_dataset(unit.dataset, split=unit.split)
    return failed_rows(dataset, unit.indices, unit.about, why or died)


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
    """End with the process that started this one, and what its workers have left behind, which nobody else will end."""
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    if mark := os.environ.get(MARK):
        end_marked(mark)
    end_group(os.getpid())
    os._exit(1)
