"""What the page is made of, as plain data."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from usbench.board import training, transfer_tables
from usbench.board.flags import FLAGS
from usbench.board.overview import Overview, overview
from usbench.board.scores import Board
from usbench.board.speed import MACHINE, speed_table
from usbench.board.transfer import transfers
from usbench.board.wording import (
    INTROS,
    Entry,
    about_ranks,
    base_name,
    by_place,
    columns,
    grouped,
    header,
    image_count,
    is_control,
)

SAMPLE_VALUES = 400_000  # numbers; beyond, the page would be too large to open, and the rows have them
CELL = ("mean", "ci_low", "ci_high", "n", "failed", "skipped", "absent", "place", "best", "second", "alike", "p_best",
        "mean_rank", "wins")  # fmt: skip
DIGITS = 6


def payload(
    entries: Sequence[Entry],
    boards: Iterable[Board],
    methods: Mapping[str, Mapping[str, Any]],
    datasets: Mapping[str, Mapping[str, Any]],
    pictures: Sequence[Mapping[str, Any]],
    speeds: pd.DataFrame,
    studies: Sequence[Entry] = (),
    trained: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the page's data.

    Parameters
    ----------
    entries
        As `summarise` returns them.
    boards
        Of the same rows; images of several methods are plotted against each other from them.
    methods, datasets
        Cards by name and by label; those that are missing are shown without.
    pictures
        As `usbench.board.page.pictures.read_pictures` returns them.
    speeds
        As `usbench.board.speed.current_speeds` returns them.
    studies
        Entries of the transfer board.
    trained
        As `usbench.board.training.trainings` returns them.
    """
    quality = [entry for entry in entries if entry["metric"] != "latency_ms"]
    speed = [entry for entry in entries if entry["metric"] == "latency_ms"]
    values = _sample_values(list(boards))
    taken = [*_at_each_size(speeds), *(_of_runs(group) for _, group in grouped(speed, "dataset", "hardware"))]
    return {
        "boards": [
            _board(dataset, split, group, values.get((dataset, split)), taken)
            for kind in INTROS
            for (dataset, split), group in grouped((e for e in quality if e["kind"] == kind), "dataset", "split")
        ],
        "overviews": [
            {"kind": kind, **_overview(seen)}
            for kind in INTROS
            if (seen := overview([entry for entry in quality if entry["kind"] == kind]))
        ],
        "speed": [
            {"hardware": hardware, "threads": threads, "device": device, "lines": [_time(entry) for entry in group]}
            for (hardware, threads, device), group in grouped(speed, "hardware", "threads", "device")
        ],
        "machines": _machines(speeds),
        "transfers": [_rounded(table) for table in transfer_tables.transfer_payload(transfers(studies))],
        "training": {
            "heads": list(training.HEADS),
            "text": list(training.TEXT),
            "lines": [training.training_cells(line) for line in trained],
        },
        "intros": {"transfer": transfer_tables.INTRO, "training": training.INTRO},
        "flags": [{"letter": flag.letter, "title": flag.title, "rule": flag.rule} for flag in FLAGS],
        "methods": dict(methods),
        "datasets": dict(datasets),
        "pictures": list(pictures),
        "cell": list(CELL),
    }


@dataclass(frozen=True)
class _Times:
    """Milliseconds for an image by method, and on what they were taken; for the plot of quality against time."""

    ms: Mapping[str, float]
    where: str
    dataset: str = ""  # whose images; empty for those of the speed board


def _at_each_size(speeds: pd.DataFrame) -> list[_Times]:
    """Return the speed board's latencies, by machine and size, small images first."""
    single = speeds[(speeds["batch"] == 1) & speeds["median_ms"].notna()] if len(speeds) else speeds
    found = []
    for (size, hardware, device, threads), rows in single.groupby(["size", *MACHINE], sort=True) if len(single) else ():
        ms = {str(row["method"]): float(row["median_ms"]) for row in rows.to_dict("records")}
        found.append(_Times(ms, f"{hardware}, {device}, {threads} threads, {size} x {size} pixels"))
    return found


def _of_runs(group: Sequence[Entry]) -> _Times:
    """Return the latencies that runs took on the images of one data set and one machine."""
    first = group[0]
    where = f"{first['hardware']}, on images of {first['dataset']}"
    return _Times({entry["method"]: entry["median"] for entry in group}, where, first["dataset"])


def _machines(speeds: pd.DataFrame) -> list[dict[str, Any]]:
    found = []
    for machine, group in speeds.groupby(MACHINE, sort=True) if len(speeds) else ():
        table = speed_table(group)
        lines = [[method, [[text, _short(value)] for text, value in cells]] for method, cells in table.lines]
        named = dict(zip(MACHINE, machine, strict=True))
        found.append({**named, "heads": list(table.heads), "lines": lines})
    return found


def _overview(seen: Overview) -> dict[str, Any]:
    return {
        "datasets": list(seen.datasets),
        "metrics": sorted(set(seen.metrics)),
        "difference": _short(seen.critical_difference),
        "lines": [[method, flags, _short(mean), list(places)] for method, flags, mean, places in seen.lines],
        "left_out": list(seen.left_out),
    }


def _board(dataset: str, split: str, group: Sequence[Entry], values: Any, taken: Sequence[_Times]) -> dict[str, Any]:
    metrics = columns(group)
    measured = sorted({entry["metric"] for entry in group if entry["n"]} - set(metrics))
    heads = {entry["metric"]: entry for entry in group}
    settings = by_place(group, metrics)
    here = {method for (method, _), _ in settings}
    times = max(taken, key=lambda one: (len(here & one.ms.keys()), one.dataset == dataset), default=_Times({}, ""))
    return {
        "dataset": dataset,
        "split": split,
        "kind": group[0]["kind"],
        "images": image_count(group),
        "about": about_ranks(heads[metrics[0]], len(settings)) if metrics else "",
        "metrics": [
            {
                "name": name,
                "head": header(heads[name]),
                "unit": heads[name]["unit"],
                "better": heads[name]["better"],
                "shown": name in metrics,
                "cd": _short(heads[name]["critical_difference"]),
                "groups": heads[name]["groups"],
            }
            for name in [*metrics, *measured]
        ],
        "lines": [
            {
                "method": method,
                "base": base_name(method),
                "tuning": json.loads(tuning) if tuning else None,
                "params": next(iter(cells.values()))["params"],
                "control": is_control(method),
                "flags": next(iter(cells.values()))["flags"],
                "cells": [_cell(cells.get(name)) for name in [*metrics, *measured]],
                "ms": _short(times.ms.get(method)) if not tuning else None,
            }
            for (method, tuning), cells in settings
        ],
        "hardware": times.where,
        "values": values,
    }


def _rounded(value: Any) -> Any:
    """Return nested lists and dictionaries with every number as `_short` gives it."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else _short(value)


def _cell(entry: Entry | None) -> list[Any] | None:
    return None if entry is None else [_short(entry[name]) for name in CELL]


def _time(entry: Entry) -> dict[str, Any]:
    return {name: _short(entry[name]) for name in ("method", "dataset", "split", "median", "iqr", "n", "failed")}


def _sample_values(boards: Sequence[Board]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return each board's values image by image for the metrics of its table, if the page has room for all of them."""
    found, count = {}, 0
    for board in boards:
        order = sorted(range(len(board.settings)), key=lambda place: board.settings[place])
        metrics = columns({"metric": name, "n": int(scores.counts.sum())} for name, scores in board.scores.items())
        count += len(metrics) * len(board.settings) * len(board.samples)
        found[board.dataset, board.split] = {
            "samples": board.samples.tolist(),
            "lines": [[board.settings[place].method, board.settings[place].tuning] for place in order],
            "metrics": {name: _matrix(board.scores[name].values[order]) for name in metrics}
            if count <= SAMPLE_VALUES
            else {},
        }
    return found if count <= SAMPLE_VALUES else {}


def _matrix(values: np.ndarray) -> list[list[float | None]]:
    return [[_short(value) for value in row] for row in values.tolist()]


def _short(value: Any) -> Any:
    """Return a number in six digits; JSON has no NaN and no infinity, so these are None and a text."""
    if not isinstance(value, float):
        return value
    if np.isnan(value):
        return None
    if np.isinf(value):
        return "∞" if value > 0 else "-∞"
    return float(f"{value:.{DIGITS}g}")
