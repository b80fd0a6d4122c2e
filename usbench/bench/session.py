"""One run from plan to rows: quality first, in parallel; then times, alone."""

import hashlib
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from usbench.bench.plan import CONTROL, Unit, make_plan, untuned
from usbench.bench.run import Runner, Watcher, run_units
from usbench.bench.speed import QUICK, measure_speeds, speed_key
from usbench.bench.store import SPEED, UNITS, Store
from usbench.core.errors import StoreError, UsageError
from usbench.evaluation.devices import Devices, resolve_devices
from usbench.evaluation.limits import cores, noting_interrupts
from usbench.evaluation.provenance import provenance

NO_TIMES = "Latencies are not taken on a cluster, whose machines are shared; a run on one quiet machine takes them."


@dataclass(frozen=True)
class Request:
    """What a user asked to run.

    Attributes
    ----------
    methods, datasets, metrics
        Names that the registry can load.
    split, limit, device
        See `make_plan`, and `resolve_devices` for what may be written; several GPUs share the units.
    workers
        Processes of the quality lane on this machine.
    seconds_per_image
        Time limit; that of each method if None.
    timing
        Whether latencies are taken, if the run is on this machine.
    retry
        Whether units with failed rows are computed again.
    tuned
        Whether methods also run with the parameters that `usbench tune` found for the data set.
    isolate_gib
        If given, each unit runs in a process of its own that may take this much memory in GiB.
    scheduler
        Of Dask, whose workers run the quality lane; see `cluster_runner`. Empty for this machine.
    """

    methods: tuple[str, ...]
    datasets: tuple[str, ...]
    metrics: tuple[str, ...]
    split: str = "test"
    limit: int | None = None
    device: str = "cpu"
    workers: int = field(default_factory=cores)
    seconds_per_image: float | None = None
    timing: bool = True
    retry: bool = False
    tuned: bool = False
    isolate_gib: float | None = None
    scheduler: str = ""


class SessionWatcher(Watcher, Protocol):
    """Is also told what there is to do."""

    def planned(self, units: int, images: int, missing_units: int, missing_images: int, untimed: int) -> None:
        """The plan is made; some of it may be in the store already. `untimed` methods will be timed after it."""

    def set_aside(self, damaged: Sequence[Path]) -> None:
        """Files of the store were damaged and are computed again."""

    def timing(self, method: str, done: int, total: int) -> None:
        """The speed of a method is about to be measured."""


@dataclass(frozen=True)
class Result:
    """What a run left in the store.

    Attributes
    ----------
    keys, speed_keys
        All keys of the plan, and of the speeds of its methods, computed now or before.
    computed
        Units and speeds that were computed now.
    lost
        Sentences about units whose rows could not be written.
    judging_s, timing_s
        Seconds that the units and the speeds took.
    """

    keys: tuple[str, ...]
    speed_keys: tuple[str, ...]
    computed: int
    lost: tuple[str, ...]
    judging_s: float = 0.0
    timing_s: float = 0.0


def run(request: Request, folder: Path, watcher: SessionWatcher) -> Result:
    """Compute what is missing of a request, and return where all of its rows are.

    Raises
    ------
    UsageError
        If a name is unknown or the results folder cannot be written.
    PluginError
        If a plugin that was asked for is broken.
    ClusterError
        If the scheduler is not there, or goes away.
    """
    store = Store(folder)
    devices = _devices(request)
    units = make_plan(
        _with_control(request.methods),
        request.datasets,
        request.metrics,
        split=request.split,
        limit=request.limit,
        device=devices.name,
        tuned=folder if request.tuned else None,
        seconds_per_image=request.seconds_per_image,
    )
    try:
        store.check_writable()
    except StoreError as error:
        raise UsageError(str(error)) from None
    keys = [unit.key for unit in units]
    protocol = replace(QUICK, device=devices.name)
    timed = list(dict.fromkeys(unit.method for unit in units)) if request.timing and not request.scheduler else []
    speeds = {method: speed_key(method, protocol) for method in timed}
    damaged = store.set_aside_damaged(UNITS, keys) + store.set_aside_damaged(SPEED, list(speeds.values()))
    if damaged:
        watcher.set_aside(damaged)
    if request.retry:
        _forget_failures(store, UNITS, keys)
        _forget_failures(store, SPEED, list(speeds.values()))
    missing = [unit for unit in units if not store.has(unit.key)]
    untimed = [method for method, key in speeds.items() if not store.has(key, SPEED)]
    if request.scheduler and request.timing:
        watcher.note(NO_TIMES)
    if request.tuned and (sentence := untuned(units)):
        watcher.note(sentence)
    watcher.planned(len(units), _images(units), len(missing), _images(missing), len(untimed))
    if not missing and not untimed:
        return Result(tuple(keys), tuple(speeds.values()), 0, ())

    began = judged = time.monotonic()
    with noting_interrupts():
        with _runner(request, len(missing), devices) as runner:
            _write_provenance(store, request, keys)
            outcomes = runner(missing, store, watcher=watcher) if missing else []
        judged = time.monotonic()
        if untimed:
            gib, gpus = request.isolate_gib, devices.numbers
            measure_speeds(
                untimed, protocol, store, watcher.timing, gpus=gpus, memory_gib=gib, fresh=gib is not None
            )  # fmt: skip
    store.pack()
    lost = tuple(dict.fromkeys(outcome.reason for outcome in outcomes if not store.has(outcome.key)))
    took = judged - began, time.monotonic() - judged
    return Result(tuple(keys), tuple(speeds.values()), len(missing) + len(untimed), lost, *took)


def _devices(request: Request) -> Devices:
    """Return where methods run; what workers of a scheduler have, they find out themselves."""
    if not request.scheduler:
        return resolve_devices(request.device)
    if request.device == "auto" or "," in request.device:
        raise UsageError(f"On a cluster a device is cpu or cuda, found {request.device!r}: machines there may differ.")
    return Devices(request.device)


def _runner(request: Request, count: int, devices: Devices) -> AbstractContextManager[Runner]:
    """Return what runs `count` units."""
    if request.scheduler:
        from usbench.bench.cluster.connect import cluster_runner

        return cluster_runner(request.scheduler)
    workers = max(1, min(request.workers, count))
    return nullcontext(partial(run_units, workers=workers, gpus=devices.numbers, isolate_gib=request.isolate_gib))


def _with_control(methods: Sequence[str]) -> list[str]:
    return [CONTROL, *(method for method in methods if method != CONTROL)]


def _images(units: Sequence[Unit]) -> int:
    return sum(len(unit.indices) for unit in units)


def _forget_failures(store: Store, lane: str, keys: Sequence[str]) -> None:
    present = [key for key in keys if store.has(key, lane)]
    rows = store.read(present, lane)
    if len(rows):
        store.drop(rows.loc[rows["status"] == "failed", "key"].astype(str).unique(), lane)


def _write_provenance(store: Store, request: Request, keys: list[str]) -> None:
    about = provenance(
        keys=keys,
        methods=list(request.methods),
        datasets=list(request.datasets),
        metrics=list(request.metrics),
        split=request.split,
        limit=request.limit,
        device=request.device,
        scheduler=request.scheduler,
        workers=request.workers,
        threads_per_worker=1,
        timing_threads=cores(),
    )
    tail = hashlib.sha256(repr(about).encode()).hexdigest()[:8]
    store.write_run(about["started"].replace(":", "").replace("+0000", "Z") + "-" + tail, about)
