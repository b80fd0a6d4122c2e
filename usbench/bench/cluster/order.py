"""What travels to a worker, and what a process there does with it."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from usbench.bench.cluster import ClusterError
from usbench.bench.cluster.version_check import differences
from usbench.bench.plan import Unit
from usbench.bench.worker import judge_unit
from usbench.evaluation.devices import resolve_device
from usbench.evaluation.evaluate import Row


@dataclass(frozen=True)
class Order:
    """A unit to be judged elsewhere: text and numbers, no image.

    Attributes
    ----------
    run
        Names the run that it belongs to, among all runs.
    unit
        What to do.
    folder
        Where the run was started: relative paths of methods and data sets mean what they mean there, if the worker has
        that folder.
    installed
        What the rows depend on beside the unit; see `agreement.installed`.
    """

    run: str
    unit: Unit
    folder: str
    installed: Mapping[str, str]


def judge_order(order: Order) -> list[Row]:
    """Return the rows of an order, in a process of its own.

    Raises
    ------
    ClusterError
        If the unit is not here what it is where it was planned.
    UsbenchError
        If something that it names is not here at all.
    """
    with suppress(OSError):
        os.chdir(order.folder)
    resolve_device(order.unit.device)
    if differing := differences(order.unit, order.installed):
        raise ClusterError(f"it differs from where the run was started in {', '.join(differing)}")
    return judge_unit(order.unit)
