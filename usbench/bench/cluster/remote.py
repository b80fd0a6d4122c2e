"""What a Dask worker does: it has orders judged in processes of its own, and sends rows back."""

from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from usbench.bench.cluster.child import Unwanted, kept_child
from usbench.bench.cluster.order import Order, judge_order
from usbench.bench.worker import crashed_rows
from usbench.core.errors import UsbenchError, sentence
from usbench.evaluation.evaluate import Row


@dataclass(frozen=True)
class Answer:
    """What became of an order.

    Attributes
    ----------
    worker
        Its address.
    rows
        Those of the unit; none if it was refused.
    refused
        Why this worker cannot do it; empty if it did.
    """

    worker: str
    rows: list[Row]
    refused: str = ""


def answer(order: Order) -> Answer:
    """Return the rows of an order, or why this worker has none. Called by Dask, in a thread of its worker."""
    from distributed import get_worker

    address = get_worker().address
    try:
        return Answer(address, _rows(order, _waited_for()))
    except Exception as error:  # a stranger's plugin may raise anything; another worker may still do better
        return Answer(address, [], str(error) if isinstance(error, UsbenchError) else sentence(error))


def _rows(order: Order, wanted: Callable[[], bool]) -> list[Row]:
    """Return the rows. As in a local run, what takes its process down is tried once more and then failed."""
    crashed = False
    while True:
        run = order.run
        try:
            with kept_child(order.run) as child:
                run = child.run
                return child.call(judge_order, order, wanted)
        except BrokenProcessPool:
            if crashed:
                return crashed_rows(order.unit)
            crashed = True
        except Exception as error:
            if run == order.run or isinstance(error, Unwanted):
                raise


def _waited_for() -> Callable[[], bool]:
    """Return what tells whether Dask still wants the task that this thread runs."""
    from distributed import Status, get_worker

    worker = get_worker()
    key = worker.get_current_task()
    ending = (Status.closing, Status.closed, Status.failed)

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return worker.status not in ending and task is not None and task.state != "cancelled"

    return wanted
