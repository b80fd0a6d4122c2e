"""Means over samples: one entry per method, data set and metric, with what the statistics say of it."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from usbench.board.flags import demoted, flags
from usbench.board.ranking import rank
from usbench.board.scores import Board, boards
from usbench.core.metric import Metric

LATENCY = {"metric": "latency_ms", "unit": "ms", "better": "lower"}


def summarise(rows: pd.DataFrame, timing: pd.DataFrame, metrics: Mapping[str, Metric]) -> list[dict[str, Any]]:
    """Return an entry per method, data set and metric, in the order of the rows; then the latencies.

    Parameters
    ----------
    rows, timing
        As `Store.read` gives them.
    metrics
        By name; columns of the rows that are not among them are not metrics.

    Returns
    -------
    list of dict
        Keys `method, params, tuning, dataset, kind, split, metric, unit, better`;
        `mean, ci_low, ci_high`: over images, with the 95 % bootstrap interval over groups;
        `n, failed, skipped, absent`: how many values are behind the mean, how many images were lost (to the method or
        the metric), to how many the metric does not apply, and on how many of the board the method was not run;
        `place`: by mean, those demoted for a flag after the others, those that lack an image after those that do not;
        `best, second, alike`: whether it leads the board on the metric, is next, or cannot be told apart from the best;
        `p_best`: of the signed-rank test against the best, corrected for the number of methods;
        `mean_rank, critical_difference, wins`: see `Ranking`; `groups` behind them, `resolved` whether they are enough
        to tell methods apart; `flags`: letters, see `usbench.board.flags`.
        For `latency_ms` of these only the first row, `mean, n, failed, skipped`, and `median`, `iqr`, `hardware`,
        `threads`, `device`. Numbers that do not exist are None; a mean over an infinite value is infinite.
    """
    entries = [entry for board in boards(rows, metrics) for entry in board_entries(board)]
    if len(timing):
        for (method, params, dataset, split, hardware, threads, device), group in timing.groupby(
            ["method", "params", "dataset", "split", "hardware", "threads", "device"], sort=False, dropna=False
        ):
            shared = {"method": method, "params": json.loads(str(params)), "dataset": dataset, "split": split}
            machine = {"hardware": hardware, "threads": int(str(threads)), "device": device}
            entries.append(shared | LATENCY | _latency(group) | machine)
    return entries


def board_entries(board: Board) -> Iterator[dict[str, Any]]:
    """Yield the entries of one board, method by method."""
    raised = flags(board)
    below = demoted(board, raised)
    rankings = {name: rank(board, name, below) for name in board.scores}
    for place, setting in enumerate(board.settings):
        shared = {
            "method": setting.method,
            "params": json.loads(setting.params),
            "tuning": setting.tuning,
            "dataset": board.dataset,
            "kind": board.kind,
            "split": board.split,
            "flags": raised[place],
        }
        for name, scores in board.scores.items():
            if not scores.asked[place]:
                continue
            ranking = rankings[name]
            yield shared | {
                "metric": name,
                "unit": scores.metric.unit,
                "better": scores.metric.better,
                "mean": _number(ranking.means[place]),
                "ci_low": _number(ranking.low[place]),
                "ci_high": _number(ranking.high[place]),
                "n": int(scores.counts[place]),
                "failed": int(scores.failed[place]),
                "skipped": int(scores.skipped[place]),
                "absent": int(scores.absent[place]),
                "place": int(ranking.places[place]),
                "best": place == ranking.best,
                "second": place == ranking.second,
                "alike": bool(ranking.alike[place]),
                "p_best": _number(ranking.p[place]),
                "mean_rank": _number(ranking.ranks[place]),
                "critical_difference": _number(ranking.critical_difference),
                "wins": _number(ranking.wins[place]),
                "groups": ranking.groups,
                "resolved": ranking.resolved,
            }


def _latency(group: pd.DataFrame) -> dict[str, Any]:
    values = group["latency_ms"].dropna()
    low, high = (values.quantile(q) for q in (0.25, 0.75))
    return {
        "mean": _number(values.mean()),
        "median": _number(values.median()),
        "iqr": _number(float(high - low)),
        "n": len(values),
        "failed": int((group["status"] == "failed").sum()),
        "skipped": 0,
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
