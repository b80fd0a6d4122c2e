"""The data of the page, as plain JSON values."""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from usbench.board import training, transfer_tables
from usbench.board.controls import base_name
from usbench.board.flags import FLAGS
from usbench.board.in_distribution import LEGEND
from usbench.board.leaderboards import Leaderboards
from usbench.board.lesions import GAIN_AXIS, GRAIN_AXIS, RESIDUAL_AXIS, SIZE_AXIS, lesion_pictures
from usbench.board.overview import Overview
from usbench.board.page.times import BoardTimes, Machine, board_times, machines
from usbench.board.speed import MACHINE, SpeedTable
from usbench.board.summary import BoardSummary, Cell, Column, Line
from usbench.board.wording import INTROS, about_left_out, about_order, header
from usbench.core.lesions import SIZES
from usbench.metrics.lesions import UNDEFINED

SAMPLE_VALUES = 400_000  # numbers; with more the page would be too large to open
CELL = ("mean", "ci_low", "ci_high", "n", "failed", "skipped", "absent", "place", "best", "second", "alike", "p_best",
        "mean_rank", "wins")  # fmt: skip
DIGITS = 6


def payload(
    leaderboards: Leaderboards, pictures: Sequence[Mapping[str, Any]] = (), *, date: str = ""
) -> dict[str, Any]:
    """Return the data of the page.

    Parameters
    ----------
    leaderboards
        All boards.
    pictures
        As `usbench.board.page.pictures.read_pictures` returns them.
    date
        The day of the newest run, for the foot of the page.
    """
    boards = [board for kind in INTROS for board in leaderboards.of_kind(kind)]
    with_values = sum(len(board.shown) * len(board.lines) * len(board.samples) for board in boards) <= SAMPLE_VALUES
    times = machines(leaderboards.speeds)
    anatomy = {
        name: leaderboards.datasets.get(name, {}).get("anatomy", "other") for name in {b.dataset for b in boards}
    }
    return {
        "about": {"version": version("usbench"), "date": date},
        "boards": [{**_board(board, times, with_values), "anatomy": anatomy[board.dataset]} for board in boards],
        "overviews": [
            {"kind": kind, **_overview(seen, leaderboards.absences(kind))}
            for kind, seen in leaderboards.overviews.items()
        ],
        "machines": [_machine(table) for table in leaderboards.speed_tables],
        "transfers": [_rounded(table) for table in transfer_tables.transfer_payload(leaderboards.transfers)],
        "training": {
            "heads": list(training.HEADS),
            "text": list(training.TEXT),
            "lines": [training.training_cells(line) for line in leaderboards.trainings],
        },
        "intros": {"transfer": f"{transfer_tables.INTRO} {transfer_tables.MARKS}", "training": training.INTRO},
        "flags": [{"letter": flag.letter, "title": flag.title, "rule": flag.rule} for flag in FLAGS],
        "in_distribution": LEGEND,
        "meanings": dict(leaderboards.metrics),
        "methods": dict(leaderboards.methods),
        "datasets": dict(leaderboards.datasets),
        "pictures": list(pictures),
        "cell": list(CELL),
    }


def leading(boards: Sequence[BoardSummary]) -> dict[tuple[str, str], list[str]]:
    """Return the labels of the methods that compete on each board, best first."""
    return {(one.dataset, one.split): [line.method for line in one.head if line.role == "candidate"] for one in boards}


def _machine(table: SpeedTable) -> dict[str, Any]:
    lines = [[method, [[text, _short(value)] for text, value in cells]] for method, cells in table.lines]
    named = {name: getattr(table, name) for name in MACHINE}
    return {**named, "heads": list(table.heads), "lines": lines}


def _overview(seen: Overview, absent: Sequence[str]) -> dict[str, Any]:
    return {
        "datasets": list(seen.datasets),
        "metrics": sorted(set(seen.metrics)),
        "difference": _short(seen.critical_difference),
        "lines": [[method, flags, _short(mean), list(places)] for method, flags, mean, places in seen.lines],
        "left_out": [*about_left_out(seen), *absent],
    }


def _board(board: BoardSummary, taken: Sequence[Machine], with_values: bool) -> dict[str, Any]:
    columns = [column for column in board.columns if column.measured]
    times = board_times([line.setting for line in board.listed], taken)
    return {
        "dataset": board.dataset,
        "split": board.split,
        "kind": board.kind,
        "images": board.images,
        "about": about_order(board),
        "metrics": [_column(column) for column in columns],
        "lines": [_line(line, columns, times) for line in board.listed],
        "hardware": times.where,
        "lesions": _lesions(board),
        "values": _sample_values(board) if with_values else None,
    }


def _lesions(board: BoardSummary) -> dict[str, Any] | None:
    """Return the data of the pictures of inserted lesions; lines are numbers of the board's."""
    pictures = lesion_pictures(board)
    if pictures is None:
        return None
    places = {line.setting: place for place, line in enumerate(board.listed)}
    return _rounded(
        {
            "sizes": list(SIZES),
            "gains": [[places[line.setting], [[db, list(found)] for db, found in by_contrast.items()]]
                      for line, by_contrast in pictures.gains],
            "points": [[places[line.setting], residual, kept] for line, residual, kept in pictures.points],
            "gaussian": [list(point) for point in pictures.gaussian],
            "undefined": UNDEFINED,
            "axes": {"gain": GAIN_AXIS, "size": SIZE_AXIS, "residual": RESIDUAL_AXIS, "grain": GRAIN_AXIS},
        }
    )  # fmt: skip


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "head": header(column),
        "unit": column.unit,
        "better": column.better,
        "shown": column.shown,
        "cd": _short(column.critical_difference),
        "groups": column.groups,
        "tau": _short(column.tau),
    }


def _line(line: Line, columns: Sequence[Column], times: BoardTimes) -> dict[str, Any]:
    ms, note = times.of(line.setting)
    return {
        "method": line.method,
        "base": base_name(line.method),
        "tuning": _rounded(json.loads(line.tuning)) if line.tuning else None,
        "params": _rounded(line.params),
        "control": line.role == "control",
        "other": line.role == "other",
        "seen": line.seen.mark,
        "seen_words": line.seen.words,
        "flags": line.flags,
        "cells": [_cell(line.cells.get(column.name)) for column in columns],
        "ms": _short(ms),
        "ms_note": note,
    }


def _cell(cell: Cell | None) -> list[Any] | None:
    return None if cell is None else [_short(getattr(cell, name)) for name in CELL]


def _sample_values(board: BoardSummary) -> dict[str, Any]:
    """Return the values of a board's tables image by image."""
    lines = sorted(board.lines, key=lambda line: line.setting)
    missing = np.full(len(board.samples), np.nan)
    return {
        "samples": board.samples.tolist(),
        "lines": [[line.method, line.tuning] for line in lines],
        "metrics": {
            column.name: [
                [_short(value) for value in (cell.values if cell else missing).tolist()]
                for cell in (line.cells.get(column.name) for line in lines)
            ]
            for column in board.shown
        },
    }


def _rounded(value: Any) -> Any:
    """Return nested lists and dictionaries with every number as `_short` gives it."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else _short(value)


def _short(value: Any) -> Any:
    """Return a number in six digits; JSON has no NaN and no infinity, so they become None and a text."""
    if not isinstance(value, float):
        return value
    if np.isnan(value):
        return None
    if np.isinf(value):
        return "∞" if value > 0 else "-∞"
    return float(f"{value:.{DIGITS}g}")
