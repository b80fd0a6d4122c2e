"""`usbench.run` and `usbench.compare`: what the commands do, with data frames."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usbench import registry
from usbench.core.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from usbench.board.compare import Contrast


def run(
    methods: str | Sequence[str],
    datasets: str | Sequence[str],
    metrics: Sequence[str] | None = None,
    *,
    results: Path | str = "results",
    split: str = "test",
    limit: int | None = None,
    device: str = "cpu",
    workers: int | None = None,
    **options: Any,
) -> "pd.DataFrame":
    """Run methods on data sets as `usbench run` does, and return the rows; stored ones are not computed again.

    Worker processes import the calling script: call this under `if __name__ == "__main__":`.

    Parameters
    ----------
    methods, datasets
        Names that the registry can load, or `.py` files.
    metrics
        Names; all that are not slow if None.
    results
        The folder where rows are stored.
    split, limit, device, workers
        As of `usbench run`.
    options
        Other fields of `usbench.bench.session.Request`, such as `seconds_per_image`; latencies are not measured unless
        `timing` is true.

    Returns
    -------
    pandas.DataFrame
        A row per method and sample, those of the untouched input (`identity`) among them.

    Raises
    ------
    UsageError
        If a name or an option is unknown.
    StoreError
        If rows could not be written.
    """
    from usbench.bench.session import Request
    from usbench.bench.session import run as run_request
    from usbench.bench.store import Store
    from usbench.core.errors import StoreError
    from usbench.evaluation.limits import cores

    default = [name for name, metric in registry.working("metrics").items() if metric.by_default]
    try:
        request = Request(
            methods=_names(methods),
            datasets=_names(datasets),
            metrics=tuple(metrics or default),
            split=split,
            limit=limit,
            device=device,
            workers=workers or cores(),
            **{"timing": False} | options,
        )
    except TypeError as error:
        raise UsageError(f"usbench.run: {error}.") from None
    result = run_request(request, Path(results), _Quiet())
    if result.lost:
        raise StoreError(result.lost[0])
    return Store(Path(results)).read(result.keys)


def compare(
    first: str = "",
    second: str = "",
    *,
    baseline: str = "",
    results: Path | str = "results",
    datasets: str | Sequence[str] = (),
    metrics: Sequence[str] | None = None,
) -> "pd.DataFrame":
    """Compare two methods, or every method with a baseline, on stored rows.

    Parameters
    ----------
    first, second
        Methods as the rows have them.
    baseline
        A method with which all others are compared, or `first` and `second` if given.
    results
        The folder with the rows.
    datasets
        Labels; all that have the methods if empty.
    metrics
        Names; those of the leaderboards if None.

    Returns
    -------
    pandas.DataFrame
        A row per method, data set and metric: `gain` is by how much `method` is better than `against`, with its 95 %
        interval `low` and `high`; `p` is corrected after Holm over all rows; `better` is the better one or empty.

    Raises
    ------
    UsageError
        If a method or a metric is unknown, or nothing can be compared.
    """
    import pandas as pd

    from usbench.bench.store import Store
    from usbench.board.rows import current_rows

    rows = current_rows(Store(Path(results)).read(), Path(results))
    if not len(rows):
        raise UsageError(f"There are no results in {results}.")
    named = [name for name in (first, second) if name]
    pairs = contrasts_of(rows, named, baseline, _names(datasets), metrics)
    return pd.DataFrame([_row(method, against, contrast) for method, against, contrast in pairs])


def contrasts_of(
    rows: "pd.DataFrame", named: Sequence[str], baseline: str, datasets: Sequence[str], metrics: Sequence[str] | None
) -> list[tuple[str, str, "Contrast"]]:
    """Return (method, against, contrast) of two methods, or of all or some methods with a baseline.

    Raises
    ------
    UsageError
        As `compare`.
    """
    from usbench.board.columns import chosen_metrics
    from usbench.board.compare import compare_pairs
    from usbench.board.rows import method_label
    from usbench.board.scores import boards

    known = registry.working("metrics")
    if baseline:
        against = method_label(rows, baseline)
        labels = [method_label(rows, name) for name in named] or sorted(set(rows["method"].unique()) - {against})
        pairs = [(label, against) for label in labels]
    elif len(named) == 2:
        pairs = [(method_label(rows, named[0]), method_label(rows, named[1]))]
    else:
        raise UsageError("Name two methods to compare, or a --baseline with which all are compared.")
    chosen = [board for board in boards(rows, known) if not datasets or board.dataset in datasets]
    return compare_pairs(chosen, pairs, chosen_metrics(metrics, known))


class _Quiet:
    """A watcher that tells nothing."""

    def started(self, unit: Any) -> None:
        """Ignore a start."""

    def image_done(self) -> None:
        """Ignore an image."""

    def finished(self, unit: Any, outcome: Any) -> None:
        """Ignore an end."""

    def note(self, sentence: str) -> None:
        """Ignore a note."""

    def planned(self, units: int, images: int, missing_units: int, missing_images: int, untimed: int) -> None:
        """Ignore the plan."""

    def set_aside(self, damaged: Sequence[Path]) -> None:
        """Ignore damage, which is computed again."""

    def timing(self, method: str, done: int, total: int) -> None:
        """Ignore timing."""


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _row(method: str, against: str, contrast: "Contrast") -> dict[str, Any]:
    numbers = {name: getattr(contrast, name) for name in ("first", "second", "gain", "low", "high", "p")}
    better = "" if contrast.winner is None else (method, against)[contrast.winner]
    about = {"method": method, "against": against, "dataset": contrast.dataset, "split": contrast.split}
    counts = {"images": contrast.images, "groups": contrast.groups, "lost": contrast.lost}
    return {**about, "metric": contrast.metric.name, **numbers, "better": better, **counts}
