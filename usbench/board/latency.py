"""Latencies that runs took along with their quality."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

SETTING = ["method", "params", "dataset", "split", "hardware", "threads", "device"]


@dataclass(frozen=True)
class Latency:
    """The time that a method takes for an image of a data set, on one machine.

    Attributes
    ----------
    method, params, dataset, split
        What was timed; `params` is JSON.
    hardware, threads, device
        The machine; those of two machines are never compared.
    mean, median, iqr
        Milliseconds; None where every call failed.
    n, failed
        Calls that were timed, and calls that failed.
    """

    method: str
    params: str
    dataset: str
    split: str
    hardware: str
    threads: int
    device: str
    mean: float | None
    median: float | None
    iqr: float | None
    n: int
    failed: int

    @property
    def machine(self) -> tuple[str, str, str]:
        """Hardware, threads and device as texts."""
        return self.hardware, str(self.threads), self.device


def latencies(timing: pd.DataFrame) -> list[Latency]:
    """Return a latency for each setting, data set and machine, in the order of the store's rows."""
    if not len(timing):
        return []
    return [_latency(group) for _, group in timing.groupby(SETTING, sort=False, dropna=False)]


def grouped(taken: Iterable[Latency], key: Callable[[Latency], tuple[str, ...]]) -> list[list[Latency]]:
    """Return the latencies in groups of the same key, sorted by it."""
    return [list(group) for _, group in groupby(sorted(taken, key=key), key)]


def _latency(rows: pd.DataFrame) -> Latency:
    about, taken = rows[SETTING].iloc[0], rows["latency_ms"].dropna()
    return Latency(
        **about.drop("threads").map(str),
        threads=int(about["threads"]),
        mean=_number(float(taken.mean())),
        median=_number(float(taken.median())),
        iqr=_number(float(taken.quantile(0.75) - taken.quantile(0.25))),
        n=len(taken),
        failed=int((rows["status"] == "failed").sum()),
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
