"""Means over samples: one entry per method, data set and metric."""

import json
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from usbench.board.bootstrap import mean_interval
from usbench.board.rows import with_tuning
from usbench.metric import Metric

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
        Keys `method, params, tuning, dataset, kind, split, metric, unit, better, mean, ci_low, ci_high, n, failed,
        skipped`;
        for `latency_ms` also `median`, `iqr`, `hardware`, `threads`, `device`. `n` counts the values behind the mean,
        `failed` images that were lost (to the method or the metric), `skipped` those the metric does not apply to.
        Numbers that do not exist are None; a mean over an infinite value is infinite.
    """
    entries = []
    if len(rows):
        for (method, params, tuning, dataset, split), group in with_tuning(rows).groupby(
            ["method", "params", "tuning", "dataset", "split"], sort=False, dropna=False
        ):
            shared = {"method": method, "params": json.loads(str(params)), "dataset": dataset, "split": split}
            shared["tuning"] = tuning
            shared["kind"] = group["kind"].iloc[0]
            for name in metrics:
                if name in json.loads(group["specs"].iloc[0]):
                    entries.append(shared | _quality(group, metrics[name]))
    if len(timing):
        for (method, params, dataset, split, hardware, threads, device), group in timing.groupby(
            ["method", "params", "dataset", "split", "hardware", "threads", "device"], sort=False, dropna=False
        ):
            shared = {"method": method, "params": json.loads(str(params)), "dataset": dataset, "split": split}
            machine = {"hardware": hardware, "threads": int(str(threads)), "device": device}
            entries.append(shared | LATENCY | _latency(group) | machine)
    return entries


def _quality(group: pd.DataFrame, metric: Metric) -> dict[str, Any]:
    name = metric.name
    skipped = sum(name in json.loads(text) for text in group["skipped"])
    values = group[name] if name in group else pd.Series(dtype=float)
    present = values.notna()
    low, high = mean_interval(values[present], group.loc[present, "group"]) if present.any() else (math.nan, math.nan)
    return {
        "metric": name,
        "unit": metric.unit,
        "better": metric.better,
        "mean": _number(values[present].mean()),
        "ci_low": _number(low),
        "ci_high": _number(high),
        "n": int(present.sum()),
        "failed": int(len(group) - present.sum() - skipped),
        "skipped": skipped,
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
