"""Whether all rows of a column are of the same data and the same definition of the metric."""

import json
from collections.abc import Callable, Iterator, Mapping

import pandas as pd

BOARD = ["dataset", "split"]


def mixed_versions(rows: pd.DataFrame, source: str) -> str:
    """Return a sentence on rows that are not comparable although they would share a column; empty if all are.

    Rows are compared by the version of the data set, of the harness's protocol, of the method and of the metrics, and
    by the images and truths that they share. Hashes of source code, library versions and commits are provenance and
    are not looked at, nor is a version that only newer rows record.

    Parameters
    ----------
    rows
        Those that count.
    source
        The column that names a row's origin in the sentence: `folder` or `method`.
    """
    finding = next(_findings(rows, source), "")
    return f"{finding} They are not comparable; run one of them again." if finding else ""


def mixed_provenance(rows: pd.DataFrame, source: str) -> str:
    """Return a sentence on rows of one version that were computed by other code or libraries; empty if none were.

    Such rows are comparable if versions were raised whenever results changed, so this is a warning and no reason to
    refuse.

    Parameters
    ----------
    rows, source
        As of `mixed_versions`.
    """
    setting = [*BOARD, "method"]
    source_code = _differing(rows, source, setting, "source_hash", "On {} ({}) the source code of {} is {}.")
    libraries = _definitions(rows, source, "libraries", "The library {} is {}.", str)
    finding = next(source_code, "") or next(libraries, "")
    return f"{finding} Their versions are equal; if you doubt that, run one of them again." if finding else ""


def _findings(rows: pd.DataFrame, source: str) -> Iterator[str]:
    yield from _differing(rows, source, BOARD, "dataset_version", "The data set {} ({}) is version {}.")
    yield from _differing(rows, source, BOARD, "protocol", "{} ({}) was run by protocol {}.")
    yield from _differing(rows, source, [*BOARD, "method"], "version", "On {} ({}) the method {} is version {}.")
    image = [*BOARD, "sample"]
    yield from _differing(rows, source, image, "input_hash", "On {} ({}) the image {} has the pixels {}.")
    yield from _differing(rows, source, image, "truth_hash", "On {} ({}) the image {} is judged by the truth {}.")
    yield from _definitions(rows, source, "metric_versions", "The metric {} is version {}.", str)
    yield from _definitions(rows, source, "specs", "The metric {} is defined as {}.", repr)


def _differing(rows: pd.DataFrame, source: str, group: list[str], column: str, sentence: str) -> Iterator[str]:
    """Yield a sentence on the first group of rows that has several values of a column; empty values are unknown."""
    if column not in rows:
        return
    known = rows[rows[column].notna() & (rows[column] != "")]
    distinct = known[[*group, column]].drop_duplicates()
    repeated = distinct[distinct.duplicated(group)]
    if len(repeated):
        first = repeated[group].astype(str).sort_values(group).iloc[0]
        here = known[(known[group].astype(str) == first).all(axis=1)]
        values: dict[str, set[str]] = {}
        for value, name in here[[column, source]].drop_duplicates().itertuples(index=False):
            values.setdefault(f"{value:g}" if isinstance(value, float) else str(value), set()).add(str(name))
        yield sentence.format(*first, _versus(values))


def _definitions(
    rows: pd.DataFrame, source: str, column: str, sentence: str, written: Callable[[object], str]
) -> Iterator[str]:
    """Yield a sentence on each metric with several values in a column of JSON objects by metric."""
    if column not in rows:
        return
    found: dict[str, dict[str, set[str]]] = {}
    for text, places in rows.groupby(column, sort=True, observed=True).indices.items():
        sources = set(rows[source].iloc[places].astype(str))
        for metric, value in json.loads(str(text)).items():
            found.setdefault(metric, {}).setdefault(written(value), set()).update(sources)
    for metric, values in sorted(found.items()):
        if len(values) > 1:
            yield sentence.format(metric, _versus(values))


def _versus(values: Mapping[str, set[str]]) -> str:
    """Return `1 in one/results and 2 in other/results`, of the first two values."""
    return " and ".join(f"{value} in {_few(sources)}" for value, sources in sorted(values.items())[:2])


def _few(sources: set[str]) -> str:
    first, *others = sorted(sources)
    return f"{first} and {len(others)} more" if len(others) > 1 else " and ".join([first, *others])
