"""What a Dask worker does: it judges units in processes of its own, and sends rows back."""

import multiprocessing
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace

from usbench.bench.cluster import ClusterError
from usbench.bench.plan import IDENTITY, Unit, unit_key
from usbench.bench.pool import Died, Pool, result_of, worker_pool
from usbench.bench.worker import judge_unit, lost_rows
from usbench.core.errors import reason
from usbench.evaluation.devices import resolve_device
from usbench.evaluation.evaluate import PROVENANCE, Row, describe

POLL_SECONDS = 0.5

# What differs, in words, by the column of a row in which it shows.
WORDS = {
    "params": "the method's parameters",
    "version": "the version of the method",
    "weights_hash": "the method's weights",
    "dataset_version": "the version of the data set",
    "data_hash": "the data set's content",
    "metric_versions": "the versions of metrics",
    "protocol": "the version of usbench",
}


@dataclass(frozen=True)
class Order:
    """A unit to be judged elsewhere: text and numbers, no image.

    Attributes
    ----------
    run
        Identifies the run that it belongs to.
    unit
        What to do.
    folder
        Where the run was started: relative paths of methods and data sets are looked for there, if the worker has that
        folder.
    """

    run: str
    unit: Unit
    folder: str


@dataclass(frozen=True)
class Reply:
    """A worker's address, and the rows of a unit or the reason why this worker cannot judge it."""

    worker: str
    rows: tuple[Row, ...] = ()
    refused: str = ""


def judge_order(order: Order) -> Reply:
    """Return the rows of an order, or why this worker has none. Called by Dask, in a thread of its worker."""
    from distributed import get_worker

    address = get_worker().address
    try:
        return Reply(address, tuple(_rows(order)))
    except BaseException as error:  # a stranger's plugin may raise anything; another worker may still do better
        return Reply(address, refused=reason(error))


def judge_here(order: Order) -> list[Row]:
    """Return the rows of an order, in a process of its own, with the provenance of this machine.

    Raises
    ------
    ClusterError
        If the unit is not the same here as where it was planned.
    UsbenchError
        If something that it names is not here at all.
    """
    with suppress(OSError):
        os.chdir(order.folder)
    unit = order.unit
    resolve_device(unit.device)
    method, dataset, metrics = unit.load()
    same = {"device": unit.device, "origin": unit.about["origin"], "tuning": unit.about["tuning"]}
    about = describe(method, dataset, metrics, **same)
    if unit_key(about, dataset.ids()[unit.start : unit.stop]) != unit.key:
        differing = [WORDS.get(name, name) for name in IDENTITY if about[name] != unit.about[name]]
        what = ", ".join(differing) or "the names of the data set's samples"
        raise ClusterError(f"it differs from where the run was started in {what}")
    return judge_unit(replace(unit, about=unit.about | {name: about[name] for name in PROVENANCE}))


def _rows(order: Order) -> list[Row]:
    """Return the rows; failed ones if the process dies."""
    with _pool(order.run) as pool:
        future = pool.schedule(judge_here, order)
        wanted = _wanted()
        while not wait([future], timeout=POLL_SECONDS).done:
            if not wanted():
                future.cancel()
                raise ClusterError("the run was stopped")
        try:
            return result_of(future)
        except Died:
            return lost_rows(order.unit)


def _wanted() -> Callable[[], bool]:
    """Return a function that says whether Dask still wants the task that this thread runs."""
    from distributed import Status, get_worker

    worker = get_worker()
    key = worker.get_current_task()
    ending = (Status.closing, Status.closed, Status.failed)

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return worker.status not in ending and task is not None and task.state != "cancelled"

    return wanted


_lock = threading.Lock()
_pools: dict[str, tuple[ExitStack, Pool]] = {}
_users: Counter[str] = Counter()


@contextmanager
def _pool(run: str) -> Iterator[Pool]:
    """Give the processes of a run: a later run gets new ones, as files of plugins may have changed."""
    from distributed import get_worker

    with _lock:
        if run not in _pools:
            for old in [old for old in _pools if not _users[old]]:
                _pools.pop(old)[0].close()
            multiprocessing.current_process().daemon = False  # a nanny's worker is one, and must not have children
            stack = ExitStack()
            _pools[run] = stack, stack.enter_context(worker_pool(get_worker().state.nthreads))
        _users[run] += 1
        pool = _pools[run][1]
    try:
        yield pool
    finally:
        with _lock:
            _users[run] -= 1
