"""Tuning a method's parameters on a validation split, with the same budget for every method."""

import hashlib
import json
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from usbench import registry
from usbench.core.dataset import Dataset
from usbench.core.errors import StoreError, UsageError
from usbench.core.inserted_set import InsertedSet
from usbench.core.method import Method
from usbench.core.metric import Metric
from usbench.core.parameters import values_json
from usbench.core.search_space import Choice
from usbench.core.specifiers import parse_name
from usbench.core.untrusted import file_name, link_on_the_way
from usbench.evaluation.evaluate import describe, judge
from usbench.evaluation.limits import seconds_for
from usbench.evaluation.sample_cache import data_hash
from usbench.io.atomic_write import write_whole

if TYPE_CHECKING:
    import optuna

SPLIT = "val"
TRIALS, IMAGES, SEEDS = 40, 8, 3  # the budget, the same for every method unless the user says otherwise
FIRST = 10  # trials of a search that are spread evenly over the space before they follow what was found
WIDENINGS = 3  # times that a space grows whose optimum is at an end

# What orders the boards: tuning for anything else would be unfair.
HEAD = {"simulated": "psnr_affine", "clean": "psnr_affine", "real": "gcnr"}
HEAD_WITH_LESIONS = "gaussian_equivalent_4db"  # of real sets with inserted lesions


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
    metric = registry.load_metric(metric_name or _head(dataset))
    space = {name: part for name, part in template.space.items() if name not in fixed}
    if not space:
        raise UsageError(f"{template.label} declares no parameters to tune (see `space` in CONTRIBUTING).")
    count = min(images, len(dataset))
    searches = [_Search(template, fixed, space, dataset, metric, count, folder, seed) for seed in range(seeds)]
    for search in searches:

        def report(done: int, value: float, best: float, this: _Search = search) -> None:
            progress(done + sum(len(other.finished()) for other in searches if other is not this), value, best)

        search.run(trials, report)
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


def _head(dataset: Dataset) -> str:
    if dataset.kind == "real" and isinstance(dataset, InsertedSet):
        return HEAD_WITH_LESIONS
    return HEAD[dataset.kind]


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


def _score(method: Method, dataset: Dataset, metric: Metric, count: int) -> float:
    """Return the objective's mean over the images that it applies to; an image that fails fails the trial."""
    about = describe(method, dataset, [metric], device="cpu")
    values = []
    for row in judge(method, dataset, range(count), [metric], about, seconds_per_image=seconds_for(method, None)):
        if metric.name in json.loads(row["skipped"]):
            continue
        value = row.get(metric.name, math.nan)
        if row["status"] != "ok" or not math.isfinite(value):
            raise ValueError(row["reason"] or row["failures"] or f"{metric.name} is {value}")
        values.append(abs(value - 1) if metric.better == "one" else value)
    if not values:
        raise ValueError(f"{metric.name} applies to none of the images")
    return math.fsum(values) / len(values)


class _Search:
    """One search: a study in a file of its own, and the space as far as it was widened."""

    def __init__(
        self,
        method: Method,
        fixed: Mapping[str, Any],
        space: Mapping[str, Any],
        dataset: Dataset,
        metric: Metric,
        images: int,
        folder: Path,
        seed: int,
    ) -> None:
        self._method, self._fixed, self._dataset, self._metric, self._images = method, fixed, dataset, metric, images
        kept = {name: method.values()[name] for name in fixed}
        parts = [method.name, kept, repr(dict(method.space)), method.version, data_hash(dataset), metric.name,
                 metric.version, images, seed]  # fmt: skip
        key = hashlib.sha256(values_json({"study": parts}).encode()).hexdigest()[:16]
        self._seed = int(key[:8], 16)  # other points for every method, set and search
        self._study = _study(folder / "tuning" / "studies" / f"{file_name(method.name)}-{key}.sqlite", key, metric)
        self.space = {name: self._widest(name, part) for name, part in space.items()}
        if not self._study.trials:
            defaults = method.values()
            self._study.enqueue_trial({name: defaults[name] for name in space})

    def run(self, trials: int, progress: Callable[[int, float, float], None]) -> None:
        """Try settings until there are `trials`, and more where the space has to grow."""
        self._try(trials, progress)
        for _ in range(WIDENINGS - len(self._study.user_attrs)):
            best = self.best_parameters() if self._scored() else {}
            wider = {name: part.widened(best[name]) for name, part in self.space.items() if best}
            if not best or wider == self.space:
                return
            self.space = wider
            self._study.set_user_attr(
                f"space{len(self._study.user_attrs)}",
                {name: [part.low, part.high] for name, part in wider.items() if not isinstance(part, Choice)},
            )
            self._try(len(self.finished()) + max(2, trials // 4), progress)

    def finished(self) -> list[Any]:
        """Return the trials that have ended."""
        from optuna.trial import TrialState

        return self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.FAIL))

    def best_value(self) -> float:
        """Return the best objective."""
        return self._best().value

    def best_parameters(self) -> dict[str, Any]:
        """Return the parameters of the best trial."""
        return {name: self.space[name].neat(value) for name, value in self._best().params.items()}

    def default_value(self) -> float:
        """Return the objective at the defaults; NaN if it could not be computed."""
        first = self.finished()[0]
        return first.value if first.value is not None else math.nan

    def scored(self) -> bool:
        """Return whether any trial has a value."""
        return bool(self._scored())

    def _scored(self) -> list[Any]:
        return [trial for trial in self.finished() if trial.value is not None]

    def _best(self) -> Any:
        better = max if self._metric.better == "higher" else min
        return better(self._scored(), key=lambda trial: trial.value)

    def _try(self, trials: int, progress: Callable[[int, float, float], None]) -> None:
        import optuna

        while (done := len(self.finished())) < trials:
            # a sampler's draws depend on how often it drew: seeded by what is done, a resumed search does not repeat
            self._study.sampler = (
                optuna.samplers.QMCSampler(scramble=True, seed=self._seed, warn_independent_sampling=False)
                if done < FIRST
                else optuna.samplers.TPESampler(seed=self._seed + done, n_startup_trials=0)
            )
            self._study.optimize(self._objective, n_trials=1, catch=(UsageError, ValueError))
            last = self.finished()[-1].value
            progress(done + 1, math.nan if last is None else last, self.best_value() if self._scored() else math.nan)

    def _objective(self, trial: "optuna.Trial") -> float:
        values = {**self._fixed, **{name: part.suggest(trial, name) for name, part in self.space.items()}}
        return _score(type(self._method).create(values), self._dataset, self._metric, self._images)

    def _widest(self, name: str, part: Any) -> Any:
        for _, ends in sorted(self._study.user_attrs.items()):
            if name in ends:
                part = replace(part, low=ends[name][0], high=ends[name][1])
        return part


def _best_of(searches: Sequence[_Search], metric: Metric, label: str) -> tuple[_Search, list[float]]:
    """Return the search that found the best setting, and what each found."""
    scored = [search for search in searches if search.scored()]
    if not scored:
        raise UsageError(f"{metric.name} could not be computed for any setting of {label}.")
    better = max if metric.better == "higher" else min
    return better(scored, key=lambda search: search.best_value()), [search.best_value() for search in scored]


def _study(path: Path, name: str, metric: Metric) -> "optuna.Study":
    """Return a study kept in an SQLite file, which survives that its process is killed."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        storage = optuna.storages.RDBStorage(f"sqlite:///{path.resolve()}")
    except OSError as error:
        raise UsageError(f"Results cannot be written to {path.parent}: {error.strerror or error}.") from None
    direction: Literal["maximize", "minimize"] = "maximize" if metric.better == "higher" else "minimize"
    return optuna.create_study(storage=storage, study_name=name, direction=direction, load_if_exists=True)


def _write(tuned: Tuned, folder: Path) -> None:
    path = tuned_file(tuned.method, tuned.dataset, folder)
    try:
        write_whole(path, (json.dumps(asdict(tuned), indent=1, sort_keys=True) + "\n").encode())
    except OSError as error:
        raise StoreError(f"The tuned setting cannot be written to {path}: {error.strerror or error}.") from None


def tuned_file(method: str, dataset: str, folder: Path) -> Path:
    """Return the file for the tuned setting of a method, a name or a .py file, on a data set's label."""
    return folder / "tuning" / file_name(dataset) / f"{file_name(registry.load_method(method).name)}.json"
