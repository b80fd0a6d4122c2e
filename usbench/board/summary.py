"""Typed boards: what every table, page and figure shows of a data set."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from usbench.board.columns import CSV_ONLY, in_order
from usbench.board.flags import demoted, flags
from usbench.board.ranking import Ranking, rank
from usbench.board.scores import Board, Scores, Setting, boards
from usbench.core.metric import Better, Metric


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting on one metric of a board.

    Attributes
    ----------
    mean, ci_low, ci_high
        Mean over images, with the 95 % bootstrap interval over groups; None where there is none. A mean over an
        infinite value is infinite.
    n, failed, skipped, absent
        Images: with a value, lost to the method or the metric, to which the metric does not apply, not run.
    place
        From 1, by mean. Settings demoted for a flag are below the others, and those that lack an image are below those
        that do not.
    best, second, alike
        Whether the setting leads the board on the metric, is next, or cannot be told apart from the best.
    p_best
        Of the signed-rank test against the best, corrected for the number of settings; None where it was not made.
    mean_rank, wins
        See `usbench.board.ranking.Ranking`; None where there is none.
    values
        (samples,), the values behind the mean; NaN where there is none.
    """

    mean: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    failed: int
    skipped: int
    absent: int
    place: int
    best: bool
    second: bool
    alike: bool
    p_best: float | None
    mean_rank: float | None
    wins: float | None
    values: np.ndarray


@dataclass(frozen=True)
class Column:
    """A metric of a board.

    Attributes
    ----------
    name, unit, better
        As the metric declares them.
    measured, shown
        Whether any image has a value, and whether the tables have room for the metric too.
    critical_difference
        By how much two mean ranks must differ at 5 %; None where there are fewer than two settings.
    groups, resolved
        Groups with a value, and whether they are enough to tell any setting from the best.
    inapplicable
        Whether the metric applies to none of the images.
    """

    name: str
    unit: str
    better: Better
    measured: bool
    shown: bool
    critical_difference: float | None
    groups: int
    resolved: bool
    inapplicable: bool


@dataclass(frozen=True)
class Line:
    """A setting on a board.

    Attributes
    ----------
    setting
        The method, its parameters, and how they were chosen.
    flags
        Letters of the flags that are raised, see `usbench.board.flags`.
    cells
        By metric.
    superseded
        Whether another setting has the same label and tuning and comes later in the rows: the defaults of the method
        have changed. Tables leave the line out; the CSV has it.
    """

    setting: Setting
    flags: str
    cells: Mapping[str, Cell]
    superseded: bool

    @property
    def method(self) -> str:
        """The label of the method."""
        return self.setting.method

    @property
    def tuning(self) -> str:
        """How the parameters were chosen, as JSON; empty for parameters that were not searched."""
        return self.setting.tuning

    @property
    def params(self) -> dict[str, Any]:
        """Every parameter of the method."""
        return json.loads(self.setting.params)


@dataclass(frozen=True)
class BoardSummary:
    """One split of one data set, ready to be shown.

    Attributes
    ----------
    dataset, split, kind
        The label, `test` or another split, and `simulated`, `real` or `clean`.
    images
        How many images the settings were run on.
    samples
        (samples,): their ids, in the order of `Cell.values`.
    columns
        Metrics that were asked for: those of the tables in their order, then the others by name.
    lines
        Settings by their place on the first column that is shown, then those without a cell there by name.
    """

    dataset: str
    split: str
    kind: str
    images: int
    samples: np.ndarray
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns of the tables."""
        return tuple(column for column in self.columns if column.shown)

    @property
    def listed(self) -> tuple[Line, ...]:
        """The lines of the tables."""
        return tuple(line for line in self.lines if not line.superseded)

    @property
    def first(self) -> Column | None:
        """The column that orders the board; None if no image has a value."""
        return next(iter(self.shown), None)


def summarise(rows: pd.DataFrame, metrics: Mapping[str, Metric]) -> list[BoardSummary]:
    """Return the boards of every data set and split, in the order of the rows.

    Parameters
    ----------
    rows
        As `Store.read` returns them, each sample once for a setting.
    metrics
        By name; columns of the rows that are not among them are not metrics.
    """
    found = (summary_of(board) for board in boards(rows, metrics))
    return [summary for summary in found if summary.lines]


def summary_of(board: Board) -> BoardSummary:
    """Return a board with its statistics, flags and places."""
    letters = flags(board)
    below = demoted(board, letters)
    rankings = {name: rank(board, name, below) for name in board.scores}
    columns = _columns(board, rankings)
    cells = {name: _cells(board.scores[name], rankings[name]) for name in board.scores}
    latest = {(setting.method, setting.tuning): setting for setting in board.settings}
    lines = []
    for place, setting in enumerate(board.settings):
        own = {column.name: cell for column in columns if (cell := cells[column.name][place]) is not None}
        if own:
            lines.append(Line(setting, letters[place], own, setting != latest[setting.method, setting.tuning]))
    first = next((column.name for column in columns if column.shown), "")
    lines.sort(key=lambda line: (line.cells[first].place if first in line.cells else math.inf, *map(str, line.setting)))
    images = max((int(scores.asked.max()) for scores in board.scores.values()), default=0)
    return BoardSummary(board.dataset, board.split, board.kind, images, board.samples, columns, tuple(lines))


def _columns(board: Board, rankings: Mapping[str, Ranking]) -> tuple[Column, ...]:
    columns = []
    for name in in_order(board.scores):
        scores, ranking = board.scores[name], rankings[name]
        measured = bool(scores.counts.any())
        columns.append(
            Column(
                name,
                scores.metric.unit,
                scores.metric.better,
                measured,
                measured and name not in CSV_ONLY,
                None if math.isnan(ranking.critical_difference) else ranking.critical_difference,
                ranking.groups,
                ranking.resolved,
                bool(scores.skipped.any() and not measured and not scores.failed.any()),
            )
        )
    return tuple(sorted(columns, key=lambda column: (not column.shown, column.name if not column.shown else "")))


def _cells(scores: Scores, ranking: Ranking) -> list[Cell | None]:
    """Return the cell of each setting; None for those that were not asked for the metric."""
    settings = np.arange(len(scores.asked))
    fields = zip(
        _numbers(ranking.means),
        _numbers(ranking.low),
        _numbers(ranking.high),
        scores.counts.tolist(),
        scores.failed.tolist(),
        scores.skipped.tolist(),
        scores.absent.tolist(),
        ranking.places.tolist(),
        (settings == ranking.best).tolist(),
        (settings == ranking.second).tolist(),
        ranking.alike.tolist(),
        _numbers(ranking.p),
        _numbers(ranking.ranks),
        _numbers(ranking.wins),
        scores.values,
        strict=True,
    )
    return [Cell(*found) if asked else None for asked, found in zip(scores.asked.tolist(), fields, strict=True)]


def _numbers(values: np.ndarray) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]
