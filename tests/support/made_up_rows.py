"""Rows as a store holds them, with numbers of one's own."""

import json

import numpy as np
import pandas as pd


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


def _rows(method: str, values: dict, dataset: str, kind: str, images: int, group_size: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "method": method,
            "params": "{}",
            "tuning": "",
            "dataset": dataset,
            "dataset_version": "1",
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
