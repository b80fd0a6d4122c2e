"""The speed board: latency by size, throughput, memory and work, a table per machine."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from usbench.board.wording import base_name, is_control, number

Cell = tuple[str, float | None]

MACHINE = ["hardware", "device", "threads"]
FIGURE = ["method", "params", *MACHINE, "size", "batch"]
FIELDS = (
    "method", "params", *MACHINE, "size", "batch", "median_ms", "iqr_ms", "rounds", "images_per_s", "prepare_s",
    "peak_mib", "device_mib", "parameters", "macs", "load", "busy", "taken", "status", "reason",
)  # fmt: skip
HOW_TO_READ = (
    "Taken by pytest-benchmark, each method in a process of its own on all cores, warmed up: milliseconds for one "
    "image, median ± interquartile range, by the image's side; images a second where several are given at once; memory "
    "that a call takes beyond what was held before, at the largest size; seconds to get ready, in a process that is "
    "new; trained parameters, and multiply-adds for the smallest image. Machines are not compared with one another. "
    "~ marks a figure that scatters by more than 8 %, or was taken while others used the processor."
)


def current_speeds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the newest row of each figure, with its throughput; rows are those of the store's lane `speed`."""
    if not len(rows):
        return rows
    newest = rows.sort_values(["taken", "key"], kind="stable").drop_duplicates(FIGURE, keep="last")
    return newest.assign(images_per_s=1e3 * newest["batch"] / newest["median_ms"]).sort_values(FIGURE)


def speed_markdown(rows: pd.DataFrame, notes: Mapping[str, str]) -> str:
    """Return the page; `notes` are what to say beside a method's name."""
    lines = ["# Speed", "", HOW_TO_READ]
    for machine, group in rows.groupby(MACHINE, sort=True) if len(rows) else ():
        hardware, device, threads = machine
        table = speed_table(group)
        lines += ["", f"## {hardware}, {device}, {threads} threads", ""]
        lines += ["| " + " | ".join(["method", *table.heads]) + " |", "| --- |" + " ---: |" * len(table.heads)]
        for method, cells in table.lines:
            lines.append("| " + " | ".join([_name(method, notes), *(text for text, _ in cells)]) + " |")
    present = sorted({base_name(method) for method in rows["method"]} & set(notes)) if len(rows) else []
    lines += [line for name in present for line in ("", f"† {name}: {notes[name]}")]
    return "\n".join(lines) + "\n"


def speed_csv(rows: pd.DataFrame) -> str:
    """Return every figure as CSV; what does not exist is empty."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, FIELDS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows.to_dict("records"):
        writer.writerow({field: _plain(row[field]) for field in FIELDS})
    return stream.getvalue()


@dataclass(frozen=True)
class SpeedTable:
    """One machine's figures.

    Attributes
    ----------
    heads
        What the columns behind the method hold.
    lines
        Per method, the fastest first: its label, and for each column the text and the number to sort by.
    """

    heads: tuple[str, ...]
    lines: tuple[tuple[str, tuple[Cell, ...]], ...]


def speed_table(group: pd.DataFrame) -> SpeedTable:
    """Return the table of one machine's rows, as `current_speeds` gives them."""
    single, batches = group[group["batch"] == 1], group[group["batch"] > 1]
    sizes = [int(size) for size in sorted(single["size"].unique())]
    loads = list(batches[["batch", "size"]].drop_duplicates().astype(int).itertuples(index=False, name=None))
    heads = [f"{size}², ms ↓" for size in sizes] + [f"{count} of {size}², images/s ↑" for count, size in loads]
    heads += ["memory, MiB ↓", "ready, s ↓", "parameters", "GMAC"]
    ordered = sorted(group.groupby("method"), key=lambda item: (item[1]["median_ms"].fillna(math.inf).min(), item[0]))
    return SpeedTable(tuple(heads), tuple((str(method), _cells(rows, sizes, loads)) for method, rows in ordered))


def _cells(rows: pd.DataFrame, sizes: Sequence[int], loads: Sequence[tuple[int, int]]) -> tuple[Cell, ...]:
    latencies = {int(row["size"]): row for row in _records(rows[rows["batch"] == 1])}
    throughputs = {(int(row["batch"]), int(row["size"])): row for row in _records(rows[rows["batch"] > 1])}
    if not latencies:
        return (("failed", None),) * (len(sizes) + len(loads)) + (("–", None),) * 4
    smallest, largest = latencies[min(latencies)], latencies[max(latencies)]
    macs = smallest["macs"] / 1e9 if smallest["macs"] and smallest["macs"] == smallest["macs"] else None
    return (
        *(_latency(latencies.get(size)) for size in sizes),
        *(_throughput(throughputs.get(load)) for load in loads),
        (number(largest["peak_mib"], 2), largest["peak_mib"]),
        (number(smallest["prepare_s"], 2), smallest["prepare_s"]),
        (_whole(smallest["parameters"]), smallest["parameters"]),
        (number(macs, 3), macs),
    )


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return rows[rows["status"] == "ok"].to_dict("records")  # type: ignore[return-value]


def _latency(row: Mapping[str, Any] | None) -> Cell:
    if row is None:
        return "–", None
    return f"{'~' * bool(row['busy'])}{number(row['median_ms'], 3)} ± {number(row['iqr_ms'], 2)}", row["median_ms"]


def _throughput(row: Mapping[str, Any] | None) -> Cell:
    return (
        ("–", None) if row is None else ("~" * bool(row["busy"]) + number(row["images_per_s"], 3), row["images_per_s"])
    )


def _whole(value: float | None) -> str:
    return "–" if value is None or value != value else f"{int(value):,}"


def _name(method: str, notes: Mapping[str, str]) -> str:
    shown = f"*{method}*" if is_control(method) else method
    return shown + (" †" if base_name(method) in notes else "")


def _plain(value: Any) -> Any:
    return "" if value is None or value != value else value
