"""Whether rows may be published: of the installed versions, and with every metric that their boards depend on."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from usbench import registry
from usbench.board.columns import ORDER
from usbench.board.flags import FLAGS
from usbench.board.versions import BOARD
from usbench.core.errors import UsbenchError
from usbench.evaluation.evaluate import PROTOCOL


def unfit(rows: pd.DataFrame) -> str:
    """Return a sentence on the first rows that may not be published; empty if all may.

    Rows of a plugin that is not installed here are not compared with any version. A metric counts as lacking where
    other rows of the board have it.

    Parameters
    ----------
    rows
        As `usbench.board.rows.current_rows` returns them.
    """
    return next(_other_versions(rows), "") or next(_lacking(rows), "")


def _other_versions(rows: pd.DataFrame) -> Iterator[str]:
    if "protocol" in rows:
        for found in sorted(set(rows["protocol"].dropna()) - {PROTOCOL}):
            yield f"There are rows of protocol {found:g}; this is {PROTOCOL}. `usbench run` computes new ones."
    for dataset, split, version in _distinct(rows, [*BOARD, "dataset_version"]):
        known = _known(registry.registered_dataset, dataset, split=split)
        if known and known.version != version:
            yield _outdated(f"{dataset} ({split})", version, known.version, f"-d {dataset}")
    for method, origin, version, weights in _distinct(rows, ["method", "origin", "version", "weights_hash"]):
        target = _known(registry.registered_method, method)
        if target is None or origin != f"{type(target).__module__}:{type(target).__qualname__}":
            continue
        if version != target.version:
            yield _outdated(method, version, target.version, f"-m {method}")
        elif weights != target.weights_hash():
            yield f"There are rows of {method} with other weights; `usbench run -m {method}` runs it again."
    installed_metrics = {name: metric.version for name, metric in registry.working("metrics").items()}
    for (texts,) in _distinct(rows, ["metric_versions"]):
        for name, version in json.loads(texts).items():
            if installed_metrics.get(name, version) != version:
                yield _outdated(f"the metric {name}", version, installed_metrics[name], f"--metric {name}")


def _lacking(rows: pd.DataFrame) -> Iterator[str]:
    if "specs" not in rows:
        return
    measured = {texts: frozenset(json.loads(texts)) for (texts,) in _distinct(rows, ["specs"])}
    for (dataset, split), board in rows.groupby(BOARD, sort=False):
        asked = {texts: measured[texts] for texts in board["specs"].dropna().unique()}
        anywhere = frozenset().union(*asked.values())
        order = next((name for name in ORDER if name in anywhere), None)
        needed = {name for flag in FLAGS for name in flag.metrics if name in anywhere} | ({order} if order else set())
        for texts, names in asked.items():
            if missing := sorted(needed - names):
                method = board.loc[board["specs"] == texts, "method"].iloc[0]
                yield (
                    f"On {dataset} ({split}) rows of {method} lack {', '.join(missing)}, by which the board is ordered "
                    f"or flagged; `usbench run -m {method} -d {dataset}` computes them."
                )


def _distinct(rows: pd.DataFrame, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the distinct values of columns; nothing where one is absent, as in rows of early versions."""
    if set(columns) <= set(rows.columns):
        yield from rows[columns].dropna().drop_duplicates().itertuples(index=False, name=None)


def _known(find: Callable[..., Any], label: str, **options: str) -> Any:
    try:
        return find(label, **options)
    except UsbenchError:  # rows may be of a plugin that only another machine has
        return None


def _outdated(what: str, found: object, installed: object, options: str) -> str:
    return (
        f"There are rows of version {found} of {what}; this is {installed}. `usbench run {options}` computes new ones."
    )
