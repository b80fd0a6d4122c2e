"""Rows and times as a store holds them, with numbers of one's own."""

import json

import numpy as np
import pandas as pd

from usbench import registry
from usbench.core.errors import UsbenchError


def made_up_rows(
    scores: dict[str, dict[str, object]],
    *,
    dataset: str = "d",
    kind: str = "simulated",
    images: int = 12,
    group_size: int = 1,
    **columns: object,
) -> pd.DataFrame:
    """Return rows of {method: {metric: values}} on one data set's images; a NaN is a metric that does not apply."""
    return pd.concat(
        [_rows(method, values, dataset, kind, images, group_size) for method, values in scores.items()],
        ignore_index=True,
    ).assign(**columns)


def made_up_time(method: str, median_ms: float, **columns: object) -> dict[str, object]:
    """Return a row of the times that `usbench time` takes."""
    return {
        "method": method, "params": "{}", "device": "cpu", "hardware": "A machine", "threads": 2, "size": 256,
        "batch": 1, "median_ms": median_ms, "iqr_ms": 0.1, "rounds": 9, "prepare_s": 0.5, "peak_mib": 12.0,
        "device_mib": None, "parameters": None, "macs": None, "load": 0.0, "busy": False, "taken": "2026-01-01",
        "status": "ok", "reason": "", "key": "k",
    } | columns  # fmt: skip


def _version(dataset: str) -> str:
    """Return the version of a data set that there is, and 1 for another."""
    try:
        return registry.registered_dataset(dataset, split="test").version
    except (UsbenchError, KeyError):  # a test may have put a registry of its own in its place
        return "1"


def _rows(method: str, values: dict, dataset: str, kind: str, images: int, group_size: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "method": method,
            "params": "{}",
            "tuning": "",
            "dataset": dataset,
            "dataset_version": _version(dataset),
            "data_hash": f"{dataset}-content",
            "input_hash": [f"{dataset}-{number}" for number in range(images)],
            "origin": f"usbench: {method}",
            "split": "test",
            "kind": kind,
            "sample": [f"s{number:04}" for number in range(images)],
            "group": [f"g{number // group_size:04}" for number in range(images)],
            "status": "ok",
            "reason": "",
            "failures": "{}",
        }
    )
    for metric, value in values.items():
        frame[metric] = np.broadcast_to(np.asarray(value, float), images)
    frame["specs"] = json.dumps(dict.fromkeys(values, "spec"))
    absent = frame[list(values)].isna()
    frame["skipped"] = [json.dumps(dict.fromkeys(absent.columns[row], "not here")) for row in absent.to_numpy()]
    return frame
