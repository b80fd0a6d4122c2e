"""One search of a method's parameters: a study in an SQLite file, and the space as far as it was widened."""

import hashlib
import json
import math
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from usbench.core.dataset import Dataset
from usbench.core.errors import StoreError, UsageError, sentence
from usbench.core.method import Method
from usbench.core.metric import Metric
from usbench.core.parameters import values_json
from usbench.core.search_space import Choice
from usbench.core.untrusted import file_name, link_on_the_way
from usbench.evaluation.evaluate import describe, judge
from usbench.evaluation.limits import seconds_for
from usbench.evaluation.sample_cache import data_hash

if TYPE_CHECKING:
    import optuna

FIRST = 10  # trials of a search that are spread evenly over the space before they follow what was found
DEFAULTS = "defaults"  # attribute of the trial of the method's defaults
WIDENINGS = 3  # times that a space grows whose optimum is at an end


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


class Search:
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
        self._path = folder / "tuning" / "studies" / f"{file_name(method.name)}-{key}.sqlite"
        if link := link_on_the_way(folder, self._path):
            raise StoreError(f"{link} is a link; a results folder has its own files in its place.")
        self._study = _study(self._path, key, metric)
        self.space = {name: self._widest(name, part) for name, part in space.items()}
        self._defaults = {name: method.values()[name] for name in space}
        if not self._defaults_trials():
            inside = {name: value for name, value in self._defaults.items() if self.space[name].holds(value)}
            self._study.enqueue_trial(inside, user_attrs={DEFAULTS: True})

    def run(self, trials: int, progress: Callable[[int, float, float], None], seconds: float = math.inf) -> None:
        """Try settings until there are `trials`, and more where the space has to grow, or until they took `seconds`."""
        with _stored(self._path):
            self._run(trials, progress, seconds)

    def _run(self, trials: int, progress: Callable[[int, float, float], None], seconds: float) -> None:
        self._try(trials, progress, seconds)
        for _ in range(WIDENINGS - len(self._study.user_attrs)):
            best = self.best_parameters() if self._scored() else {}
            wider = {name: part.widened(best[name]) for name, part in self.space.items() if best}
            if not best or wider == self.space or self._took() >= seconds:
                return
            self.space = wider
            self._study.set_user_attr(
                f"space{len(self._study.user_attrs)}",
                {name: [part.low, part.high] for name, part in wider.items() if not isinstance(part, Choice)},
            )
            self._try(len(self.finished()) + max(2, trials // 4), progress, seconds)

    def finished(self) -> list[Any]:
        """Return the trials that have ended."""
        from optuna.trial import TrialState

        return self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.FAIL))

    def best_value(self) -> float:
        """Return the best objective."""
        return self._best().value

    def best_parameters(self) -> dict[str, Any]:
        """Return the parameters of the best trial."""
        best = self._best()
        if best.user_attrs.get(DEFAULTS):
            return dict(self._defaults)
        return {name: self.space[name].neat(value) for name, value in best.params.items()}

    def default_value(self) -> float:
        """Return the objective at the defaults; NaN if it could not be computed."""
        value = self._defaults_trials()[0].value
        return value if value is not None else math.nan

    def scored(self) -> bool:
        """Return whether any trial has a value."""
        return bool(self._scored())

    def _defaults_trials(self) -> list[Any]:
        """Return the trials of the defaults, but not one that is running: its process may have been killed."""
        from optuna.trial import TrialState

        known = (TrialState.WAITING, TrialState.COMPLETE, TrialState.FAIL)
        return [one for one in self._study.get_trials(deepcopy=False, states=known) if one.user_attrs.get(DEFAULTS)]

    def _scored(self) -> list[Any]:
        return [trial for trial in self.finished() if trial.value is not None]

    def _best(self) -> Any:
        better = max if self._metric.better == "higher" else min
        return better(self._scored(), key=lambda trial: trial.value)

    def _took(self) -> float:
        """Return the seconds that the finished trials took."""
        return sum(trial.duration.total_seconds() for trial in self.finished())

    def _try(self, trials: int, progress: Callable[[int, float, float], None], seconds: float) -> None:
        import optuna

        while (done := len(self.finished())) < trials and not (done and self._took() >= seconds):
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
        if trial.user_attrs.get(DEFAULTS):  # they need not lie in the space; the sampler sees those that do
            for name, value in self._defaults.items():
                if self.space[name].holds(value):
                    self.space[name].suggest(trial, name)
            values = self._defaults
        else:
            values = {name: part.suggest(trial, name) for name, part in self.space.items()}
        method = type(self._method).create({**self._fixed, **values})
        return _score(method, self._dataset, self._metric, self._images)

    def _widest(self, name: str, part: Any) -> Any:
        for _, ends in sorted(self._study.user_attrs.items()):
            if name in ends:
                part = replace(part, low=ends[name][0], high=ends[name][1])
        return part


def _study(path: Path, name: str, metric: Metric) -> "optuna.Study":
    """Return a study kept in an SQLite file, which survives that its process is killed."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    absolute = path.resolve()

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(absolute, check_same_thread=False, timeout=60)  # any name, unlike a URL
        connection.execute("PRAGMA synchronous = OFF")  # a trial has 17 commits; only a power failure loses any
        return connection

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _stored(path):
            storage = optuna.storages.RDBStorage("sqlite://", engine_kwargs={"creator": connect})
    except OSError as error:
        raise UsageError(f"Results cannot be written to {path.parent}: {error.strerror or error}.") from None
    direction: Literal["maximize", "minimize"] = "maximize" if metric.better == "higher" else "minimize"
    with _stored(path):
        return optuna.create_study(storage=storage, study_name=name, direction=direction, load_if_exists=True)


@contextmanager
def _stored(path: Path) -> Iterator[None]:
    """Raise StoreError if the file of a study cannot be read or written."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, StorageInternalError) as error:
        why = getattr(error, "orig", None) or getattr(error.__cause__, "orig", None) or error
        raise StoreError(f"The search {path} cannot be read or written: {sentence(why)}") from None
