"""Tuning a method's parameters on a validation split, with the same budget for every method."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from usbench import registry
from usbench.bench.tune_search import Search
from usbench.core.dataset import Dataset
from usbench.core.errors import StoreError, UsageError
from usbench.core.head_metric import head_metric
from usbench.core.inserted_set import InsertedSet
from usbench.core.metric import Metric
from usbench.core.parameters import values_json
from usbench.core.specifiers import parse_name
from usbench.core.untrusted import file_name, link_on_the_way
from usbench.evaluation.sample_cache import data_hash
from usbench.io.atomic_write import write_whole

if TYPE_CHECKING:
    pass

SPLIT = "val"
TRIALS, IMAGES, SEEDS = 40, 8, 3  # the budget, the same for every method unless the user says otherwise


@dataclass(frozen=True)
class Tuned:
    """What a search found for one method on one data set.

    Attributes
    ----------
    method, parameters
        The registered name, and the values of all parameters that were searched or fixed.
    dataset, data_hash, split, images
        What it was tuned on.
    metric, value, default
        The objective, its mean at `parameters` and at the method's defaults.
    trials, seeds
        The budget: settings that were tried in each search, the defaults among them, and independent searches.
    spread
        Largest less smallest objective of what the searches found: how much of it is chance.
    at_edge
        Parameters whose best value is at an end of the space although that was widened.
    version
        Of the method.
    """

    method: str
    parameters: dict[str, bool | int | float | str]
    dataset: str
    data_hash: str
    split: str
    images: int
    metric: str
    value: float
    default: float
    trials: int
    seeds: int
    spread: float
    at_edge: tuple[str, ...]
    version: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "at_edge", tuple(self.at_edge))  # JSON has lists

    @property
    def name(self) -> str:
        """The method with its parameters, as the registry can load it."""
        settings = ",".join(
            f"{key}={value!r}" if isinstance(value, float) else f"{key}={value}"
            for key, value in self.parameters.items()
        )
        return f"{self.method}[{settings}]"

    @property
    def provenance(self) -> str:
        """JSON for a row: split, images, objective, budget, spread over the searches, and data."""
        kept = ("split", "images", "metric", "trials", "seeds", "spread", "at_edge", "data_hash")
        return values_json({key: value for key, value in asdict(self).items() if key in kept})


def tune(
    method_name: str,
    dataset_name: str,
    folder: Path,
    *,
    metric_name: str = "",
    split: str = SPLIT,
    trials: int = TRIALS,
    images: int = IMAGES,
    seeds: int = SEEDS,
    seconds: float = math.inf,
    progress: Callable[[int, float, float], None] = lambda done, value, best: None,
) -> Tuned:
    """Search a method's declared space, and keep what is found under `folder`.

    Several independent searches begin with points that are spread evenly over the space, each with others, and go on
    by a tree-structured Parzen estimator. A space whose optimum is at an end is widened. Every trial is stored as it
    ends: the same call goes on where a stopped one was, and a greater budget adds trials.

    Parameters
    ----------
    method_name
        A name or file; parameters in brackets are fixed, the others of the method's `space` are searched.
    dataset_name
        Any data set with a validation split of its own.
    folder
        The results folder; files go to its subfolder `tuning`.
    metric_name
        The objective. Default: the metric that orders the boards of such a set.
    split
        Must be `val`.
    trials, images, seeds
        The budget: settings to try in each search, images of the split to try them on, and searches.
    seconds
        Time for all trials, in all calls; each search has an equal share of it, and tries the defaults in any case.
    progress
        Called with the number of trials done in all searches, the last value, and the best of its search.

    Raises
    ------
    UsageError
        If the method has no space, the split is not `val`, or shares images with the test split.
    """
    plain, fixed = parse_name(method_name)
    template = registry.load_method(method_name)
    dataset = _validation(dataset_name, split)
    metric = registry.load_metric(metric_name or head_metric(dataset.kind, lesions=isinstance(dataset, InsertedSet)))
    space = {name: part for name, part in template.space.items() if name not in fixed}
    if not space:
        raise UsageError(f"{template.label} declares no parameters to tune (see `space` in CONTRIBUTING).")
    count = min(images, len(dataset))
    searches = [Search(template, fixed, space, dataset, metric, count, folder, seed) for seed in range(seeds)]
    for search in searches:

        def report(done: int, value: float, best: float, this: Search = search) -> None:
            progress(done + sum(len(other.finished()) for other in searches if other is not this), value, best)

        search.run(trials, report, seconds / seeds)
    best, values = _best_of(searches, metric, template.label)
    parameters = best.best_parameters()
    tuned = Tuned(
        method=plain,
        parameters={**{key: template.values()[key] for key in fixed}, **parameters},
        dataset=dataset.label,
        data_hash=data_hash(dataset),
        split=split,
        images=count,
        metric=metric.name,
        value=best.best_value(),
        default=best.default_value(),
        trials=max(len(search.finished()) for search in searches),
        seeds=seeds,
        spread=float(f"{max(values) - min(values):.3g}"),
        at_edge=tuple(name for name, part in best.space.items() if part.widened(parameters[name]) != part),
        version=template.version,
    )
    _write(tuned, folder)
    return tuned


def find_tuned(method_name: str, dataset: Dataset, folder: Path) -> Tuned | None:
    """Return what was found for a method on a data set, or None if it was not tuned there.

    Raises
    ------
    UsageError
        If the data set has changed since.
    """
    plain, fixed = parse_name(method_name)
    path = tuned_file(plain, dataset.label, folder)
    if fixed or not path.is_file() or link_on_the_way(folder, path):
        return None
    tuned = replace(read_tuned(path), method=plain)  # what a file says never decides what is imported
    try:
        _, given = parse_name(tuned.name)
        target = registry.method_plugin(plain).target
        registry.refuse_free_texts(target, given, tuned.name)
        target.create(given)
        if given.keys() != tuned.parameters.keys():
            raise UsageError(f"{tuned.name!r} gives other parameters than it states.")
    except UsageError as error:
        raise UsageError(f"The tuned setting {path} cannot be used: {error}") from None
    if tuned.data_hash != data_hash(dataset):
        raise UsageError(f"{path} was tuned on another version of {dataset.label}; delete it and tune again.")
    return tuned


def read_tuned(path: Path) -> Tuned:
    """Return the tuned setting in a file.

    Raises
    ------
    UsageError
        If the file is damaged.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Tuned).validate_python(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error)
    raise UsageError(f"The tuned setting {path} cannot be read ({reason}); delete it and tune again.")


def _validation(name: str, split: str) -> Dataset:
    if split != SPLIT:
        raise UsageError(f"Nothing is tuned on the split {split!r}: only on {SPLIT!r}, so that the test stays one.")
    dataset = registry.load_dataset(name, split=split)
    if not len(dataset):
        raise UsageError(f"The data set {dataset.label} has no samples in the split {split!r}.")
    shared = set(dataset.ids()) & set(registry.load_dataset(name, split="test").ids())
    if shared:
        raise UsageError(f"{dataset.label} has no validation images of its own: {min(shared)} is a test image too.")
    return dataset


def _best_of(searches: Sequence[Search], metric: Metric, label: str) -> tuple[Search, list[float]]:
    """Return the search that found the best setting, and what each found."""
    scored = [search for search in searches if search.scored()]
    if not scored:
        raise UsageError(f"{metric.name} could not be computed for any setting of {label}.")
    better = max if metric.better == "higher" else min
    return better(scored, key=lambda search: search.best_value()), [search.best_value() for search in scored]


def _write(tuned: Tuned, folder: Path) -> None:
    path = tuned_file(tuned.method, tuned.dataset, folder)
    try:
        write_whole(path, (json.dumps(asdict(tuned), indent=1, sort_keys=True) + "\n").encode())
    except OSError as error:
        raise StoreError(f"The tuned setting cannot be written to {path}: {error.strerror or error}.") from None


def tuned_file(method: str, dataset: str, folder: Path) -> Path:
    """Return the file for the tuned setting of a method, a name or a .py file, on a data set's label."""
    return folder / "tuning" / file_name(dataset) / f"{file_name(registry.load_method(method).name)}.json"
