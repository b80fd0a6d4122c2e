"""What to run: units of one method on a slice of one data set, each with its key."""

import hashlib
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from usbench import registry
from usbench.bench.tune import find_tuned
from usbench.core.dataset import Dataset
from usbench.core.errors import UsageError
from usbench.core.method import Method
from usbench.core.metric import Metric
from usbench.core.parameters import values_json
from usbench.evaluation.evaluate import Row, describe
from usbench.evaluation.limits import seconds_for

SLICE = 16  # samples in a unit: few enough to lose little in a crash, enough to make the file worth its while
CONTROL = "identity"  # stands in every run, so that the untouched input is beside every method


@dataclass(frozen=True)
class Unit:
    """One method on samples `start` to `stop` of a data set: what one process does, and what one file holds.

    Everything in it is plain text and numbers, so that any executor can carry it.

    Attributes
    ----------
    method, dataset
        As the registry can load them again.
    split, start, stop, metrics, device
        What to do.
    about
        The columns that all its rows share.
    key
        Hash of everything that can change the rows: the file's name in the store.
    seconds_per_image
        How long the method may take for an image.
    """

    method: str
    dataset: str
    split: str
    start: int
    stop: int
    metrics: tuple[str, ...]
    device: str
    about: Row
    key: str
    seconds_per_image: float

    @property
    def indices(self) -> range:
        """The sample numbers."""
        return range(self.start, self.stop)

    def load(self) -> tuple[Method, Dataset, list[Metric]]:
        """Return the method, data set and metrics, ready to be used."""
        method = registry.load_method(self.method)
        dataset = registry.load_dataset(self.dataset, split=self.split)
        return method, dataset, [registry.load_metric(name) for name in self.metrics]


def make_plan(
    methods: Sequence[str],
    datasets: Sequence[str],
    metrics: Sequence[str],
    *,
    split: str = "test",
    limit: int | None = None,
    device: str = "cpu",
    tuned: Path | None = None,
    seconds_per_image: float | None = None,
) -> list[Unit]:
    """Return the units of all methods on all data sets, data set by data set.

    Parameters
    ----------
    methods, datasets, metrics
        Names that the registry can load; see `registry.load_method` and `registry.load_dataset`.
    split
        Of every data set.
    limit
        Use no more than the first `limit` samples of each data set.
    device
        Where methods run.
    tuned
        A results folder: methods that were tuned on a data set, and are named without parameters, run there with what
        was found as well.
    seconds_per_image
        Time limit; that of each method if None, see `seconds_for`.

    Raises
    ------
    UsageError
        If a name is unknown, a data set has no samples in the split, or nothing was tuned in `tuned`.
    PluginError
        If a plugin that was asked for is broken.
    """
    loaded = [registry.load_metric(name) for name in metrics]
    units = []
    for dataset_name in dict.fromkeys(datasets):
        dataset = registry.load_dataset(dataset_name, split=split)
        ids = list(dataset.ids())[:limit]
        if not ids:
            raise UsageError(f"The data set {dataset.label} has no samples in the split {split!r}.")
        for method_name, tuning in _settings(methods, dataset, tuned):
            method = registry.load_method(method_name)
            origin = registry.method_plugin(method_name).origin
            seconds = seconds_for(method, seconds_per_image)
            about = describe(method, dataset, loaded, device=device, origin=origin, tuning=tuning)
            for start in range(0, len(ids), SLICE):
                stop = min(start + SLICE, len(ids))
                key = unit_key(about, ids[start:stop])
                names = tuple(metric.name for metric in loaded)
                units.append(Unit(method_name, dataset_name, split, start, stop, names, device, about, key, seconds))
    if tuned and not any(unit.about["tuning"] for unit in units):
        raise UsageError(_untuned(methods, datasets, tuned))
    return units


def untuned(units: Sequence[Unit]) -> str:
    """Return a sentence on the methods that could be tuned and were not, where others were; empty if there are none."""
    tuned = {(unit.method.partition("[")[0], unit.dataset) for unit in units if unit.about["tuning"]}
    pairs = dict.fromkeys((unit.method, unit.dataset) for unit in units if not unit.about["tuning"])
    missing: dict[str, list[str]] = {}
    for method, dataset in pairs:
        if "[" not in method and (method, dataset) not in tuned and registry.method_plugin(method).target.space:
            missing.setdefault(dataset, []).append(method)
    if not tuned or not missing:
        return ""
    named = "; ".join(f"{', '.join(methods)} on {dataset}" for dataset, methods in missing.items())
    return f"Not tuned there, and run with the defaults alone: {named}. `usbench tune` searches their parameters."


def _untuned(methods: Sequence[str], datasets: Sequence[str], folder: Path) -> str:
    """Return the sentence that offers to tune what was to run with tuned parameters."""
    named = [name for name in methods if name != CONTROL]
    method = shlex.quote(named[0]) if len(named) == 1 else "METHOD"
    dataset = shlex.quote(datasets[0]) if len(datasets) == 1 else "SET"
    command = f"usbench tune {method} -d {dataset} --results {shlex.quote(str(folder))}"
    return f"Nothing to run was tuned: {folder} has no search for these methods and sets; `{command}` makes one."


def _settings(methods: Sequence[str], dataset: Dataset, folder: Path | None) -> Iterator[tuple[str, str]]:
    """Yield each method's name and, beside it, its tuned name with where that came from."""
    for name in dict.fromkeys(methods):
        yield name, ""
        found = find_tuned(name, dataset, folder) if folder else None
        if found:
            yield found.name, found.provenance


# The columns that decide what the values of a row are. Everything else that rows share is provenance.
IDENTITY = (
    "params", "version", "weights_hash", "tuning", "dataset", "dataset_version", "data_hash", "split",
    "metric_versions", "protocol",
)  # fmt: skip


def unit_key(about: Row, ids: Sequence[str]) -> str:
    """Return the key of a unit: a hash of what decides its rows, and of the ids of its samples."""
    method, device = about["method"].partition("[")[0], about["device"].partition(":")[0]
    parts = {name: about[name] for name in IDENTITY} | {"method": method, "device": device, "ids": list(ids)}
    return hashlib.sha256(values_json(parts).encode()).hexdigest()[:24]
