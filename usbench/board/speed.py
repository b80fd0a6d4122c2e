"""The speed board: latency by size, throughput, memory and work, a table per machine."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from usbench.board.rows import printable_texts
from usbench.board.wording import number, spreadsheet_text, whole

Cell = tuple[str, float | None]

MACHINE = ["hardware", "device", "threads"]
FIGURE = ["method", "params", *MACHINE, "size", "batch"]
FIELDS = (
    "method", "params", *MACHINE, "size", "batch", "median_ms", "iqr_ms", "rounds", "images_per_s", "prepare_s",
    "peak_mib", "device_mib", "parameters", "macs", "load", "busy", "busy_ratio", "taken", "status", "reason",
)  # fmt: skip


def current_speeds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the newest row of each figure with its throughput, from the rows of the store's lane `speed`."""
    if not len(rows):
        return rows
    newest = printable_texts(rows).sort_values(["taken", "key"], kind="stable").drop_duplicates(FIGURE, keep="last")
    return newest.assign(images_per_s=1e3 * newest["batch"] / newest["median_ms"]).sort_values(FIGURE)


def speed_csv(rows: pd.DataFrame) -> str:
    """Return every figure as CSV; numbers that do not exist are empty."""
    plain = rows.reindex(columns=FIELDS)
    texts = [name for name in FIELDS if not pd.api.types.is_numeric_dtype(plain[name].dtype)]
    plain[texts] = plain[texts].astype(object).map(spreadsheet_text)
    return plain.to_csv(index=False, lineterminator="\n")


@dataclass(frozen=True)
class SpeedTable:
    """One machine's figures.

    Attributes
    ----------
    hardware, device, threads
        The machine.
    heads
        Of the columns after the method.
    lines
        Per method, the fastest first at the size that most methods have: its label, and for each column the text and
        the number to sort by.
    """

    hardware: str
    device: str
    threads: int
    heads: tuple[str, ...]
    lines: tuple[tuple[str, tuple[Cell, ...]], ...]


def speed_tables(speeds: pd.DataFrame) -> list[SpeedTable]:
    """Return a table per machine of the rows that `current_speeds` gives."""
    return [_table(group) for _, group in speeds.groupby(MACHINE, sort=True)] if len(speeds) else []


def _table(group: pd.DataFrame) -> SpeedTable:
    single, batches = group[group["batch"] == 1], group[group["batch"] > 1]
    sizes = [int(size) for size in sorted(single["size"].unique())]
    loads = list(batches[["batch", "size"]].drop_duplicates().astype(int).itertuples(index=False, name=None))
    heads = [f"{size}², ms ↓" for size in sizes] + [f"{count} of {size}², images/s ↑" for count, size in loads]
    shared = _shared_size(single)
    heads += [f"busy / quiet at {shared}² ↓", f"memory at {shared}², MiB ↓", "ready, s ↓", "parameters"]
    heads += [f"GMAC at {shared}²"]
    time = single[(single["size"] == shared) & (single["status"] == "ok")].groupby("method")["median_ms"].min()
    ordered = sorted(group.groupby("method"), key=lambda item: (time.get(item[0], math.inf), item[0]))
    lines = ((str(method), _cells(rows, sizes, loads, shared)) for method, rows in ordered)
    hardware, device, threads = group[MACHINE].iloc[0]
    return SpeedTable(hardware, device, int(threads), tuple(heads), tuple(lines))


def _shared_size(single: pd.DataFrame) -> int:
    """Return the size that most methods were timed at, the smallest of several; 0 if there is none."""
    sizes = single.drop_duplicates(["method", "size"])["size"].dropna()
    return int(sizes.mode().min()) if len(sizes) else 0


def _cells(rows: pd.DataFrame, sizes: Sequence[int], loads: Sequence[tuple[int, int]], shared: int) -> tuple[Cell, ...]:
    latencies = {int(row["size"]): row for row in _records(rows[rows["batch"] == 1])}
    throughputs = {(int(row["batch"]), int(row["size"])): row for row in _records(rows[rows["batch"] > 1])}
    if not latencies:
        return (("failed", None),) * (len(sizes) + len(loads)) + (("–", None),) * 5
    smallest, there = latencies[min(latencies)], latencies.get(shared)
    macs = there["macs"] / 1e9 if there and there["macs"] and there["macs"] == there["macs"] else None
    return (
        *(_latency(latencies.get(size)) for size in sizes),
        *(_throughput(throughputs.get(load)) for load in loads),
        _ratio(there),
        (number(there["peak_mib"], 2), there["peak_mib"]) if there else ("–", None),
        (number(smallest["prepare_s"], 2), smallest["prepare_s"]),
        (whole(smallest["parameters"]), smallest["parameters"]),
        (number(macs, 3), macs),
    )


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return rows[rows["status"] == "ok"].to_dict("records")  # type: ignore[return-value]


def _latency(row: Mapping[str, Any] | None) -> Cell:
    if row is None:
        return "–", None
    return f"{'~' * bool(row['busy'])}{number(row['median_ms'], 3)} ± {number(row['iqr_ms'], 2)}", row["median_ms"]


def _ratio(row: Mapping[str, Any] | None) -> Cell:
    ratio = row.get("busy_ratio") if row else None
    return (f"{ratio:.1f}", ratio) if ratio == ratio and ratio is not None else ("–", None)


def _throughput(row: Mapping[str, Any] | None) -> Cell:
    if row is None:
        return "–", None
    return "~" * bool(row["busy"]) + number(row["images_per_s"], 3), row["images_per_s"]
