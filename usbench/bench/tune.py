"""Tuning a method's parameters on a validation split, with the same budget for every method."""

import hashlib
import json
import math
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from usbench import registry
from usbench.core.dataset import Dataset
from usbench.core.errors import StoreError, UsageError
from usbench.core.method import Method
from usbench.core.metric import Metric
from usbench.core.parameters import values_json
from usbench.core.specifiers import parse_name
from usbench.evaluation.evaluate import describe, judge
from usbench.evaluation.limits import seconds_for
from usbench.evaluation.sample_cache import data_hash
from usbench.io.atomic_write import write_whole

if TYPE_CHECKING:
    import optuna

SPLIT = "val"
TRIALS, IMAGES = 40, 8  # the budget, the same for every method unless the user says otherwise
SEED = 0


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
    trials
        The budget: settings that were tried, the defaults among them.
    version
        Of the method.
    """

    method: str
    parameters: dict[str, Any]
    dataset: str
    data_hash: str
    split: str
    images: int
    metric: str
    value: float
    default: float
    trials: int
    version: str

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
        """JSON for a row: split, images, objective, budget and data."""
        kept = ("split", "images", "metric", "trials", "data_hash")
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
    progress: Callable[[int, float, float], None] = lambda done, value, best: None,
) -> Tuned:
    """Search a method's declared space, and keep what is found under `folder`.

    Every trial is stored as it ends: the same call goes on where a stopped one was, and a greater budget adds trials.

    Parameters
    ----------
    method_name
        A name or file; parameters in brackets are fixed, the others of the method's `space` are searched.
    dataset_name
        Any data set with a validation split of its own.
    folder
        The results folder; files go to its subfolder `tuning`.
    metric_name
        The objective. Default: SSIM where there is a reference, else gCNR.
    split
        Must be `val`.
    trials, images
        The budget: settings to try, and images of the split to try them on.
    progress
        Is told the number of trials done, the last value, and the best.

    Raises
    ------
    UsageError
        If the method has no space, the split is not `val`, or shares images with the test split.
    """
    plain, fixed = parse_name(method_name)
    template = registry.load_method(method_name)
    dataset = _validation(dataset_name, split)
    metric = registry.load_metric(metric_name or ("gcnr" if dataset.kind == "real" else "ssim"))
    space = {name: part for name, part in template.space.items() if name not in fixed}
    if not space:
        raise UsageError(f"{template.label} declares no parameters to tune (see `space` in CONTRIBUTING).")
    count = min(images, len(dataset))

    def objective(trial: "optuna.Trial") -> float:
        values = fixed | {name: part.suggest(trial, name) for name, part in space.items()}
        return _score(type(template).create(values), dataset, metric, count)

    study = _study(template, dataset, metric, count, list(fixed), folder)
    defaults = {name: value for name, value in template.values().items() if name in space}
    if not study.trials:
        study.enqueue_trial(defaults)
    while (done := len(_finished(study))) < trials:
        study.optimize(objective, n_trials=1, catch=(UsageError, ValueError))
        last = _finished(study)[-1]
        progress(done + 1, last.value if last.value is not None else math.nan, _best(study))
    finished = [trial for trial in _finished(study)[:trials] if trial.value is not None]
    if not finished:
        raise UsageError(f"{metric.name} could not be computed for any setting of {template.label}.")
    better = max if metric.better == "higher" else min
    best = better(finished, key=lambda trial: trial.value)
    neat = {name: space[name].neat(value) for name, value in best.params.items()}
    tuned = Tuned(
        method=plain,
        parameters={**{key: template.values()[key] for key in fixed}, **neat},
        dataset=dataset.label,
        data_hash=data_hash(dataset),
        split=split,
        images=count,
        metric=metric.name,
        value=best.value,
        default=finished[0].value,
        trials=min(trials, len(_finished(study))),
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
    path = _file(plain, dataset.label, folder)
    if fixed or not path.is_file():
        return None
    tuned = replace(read_tuned(path), method=plain)  # what a file says never decides what is imported
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
    try:
        return Tuned(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"The tuned setting {path} cannot be read ({error}); delete it and tune again.") from None


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
    """Return the objective's mean; an image that fails fails the trial."""
    about = describe(method, dataset, [metric], device="cpu")
    values = []
    for row in judge(method, dataset, range(count), [metric], about, seconds_per_image=seconds_for(method, None)):
        value = row.get(metric.name, math.nan)
        if row["status"] != "ok" or not math.isfinite(value):
            raise ValueError(row["reason"] or row["failures"] or row["skipped"])
        values.append(abs(value - 1) if metric.better == "one" else value)
    return math.fsum(values) / len(values)


def _study(
    method: Method, dataset: Dataset, metric: Metric, images: int, fixed: list[str], folder: Path
) -> "optuna.Study":
    """Return the study of this search, with the trials of earlier calls if nothing that matters has changed."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    kept = {name: method.values()[name] for name in fixed}
    parts = [
        method.name,
        kept,
        repr(dict(method.space)),
        method.version,
        data_hash(dataset),
        [metric.name, metric.version],
        images,
    ]
    key = hashlib.sha256(values_json({"study": parts}).encode()).hexdigest()[:16]
    path = folder / "tuning" / "studies" / f"{_safe(method.name)}-{key}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"Results cannot be written to {folder}: {error.strerror or error}.") from None
    storage = JournalStorage(JournalFileBackend(str(path)))
    direction: Literal["maximize", "minimize"] = "maximize" if metric.better == "higher" else "minimize"
    study = optuna.create_study(storage=storage, study_name=key, direction=direction, load_if_exists=True)
    # a sampler's draws depend on how often it drew: seeded by what is done, a resumed search does not repeat itself
    study.sampler = optuna.samplers.TPESampler(seed=SEED + len(study.trials))
    return study


def _finished(study: "optuna.Study") -> list[Any]:
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.FAIL))


def _best(study: "optuna.Study") -> float:
    try:
        return study.best_value
    except ValueError:
        return math.nan


def _write(tuned: Tuned, folder: Path) -> None:
    path = _file(tuned.method, tuned.dataset, folder)
    try:
        write_whole(path, (json.dumps(asdict(tuned), indent=1, sort_keys=True) + "\n").encode())
    except OSError as error:
        raise StoreError(f"The tuned setting cannot be written to {path}: {error.strerror or error}.") from None


def _file(method: str, dataset: str, folder: Path) -> Path:
    return folder / "tuning" / _safe(dataset) / f"{_safe(Path(method).stem)}.json"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.=+-]", "_", name)
