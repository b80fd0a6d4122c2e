"""Typed boards: what every table, page and figure shows of a data set."""

import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from usbench.board.columns import in_order, in_tables
from usbench.board.flags import demoted, flags
from usbench.board.in_distribution import Seen
from usbench.board.ranking import Ranking, rank
from usbench.board.scores import Board, Scores, boards
from usbench.board.setting import Setting
from usbench.board.standing import Role, Standing, standing
from usbench.core.metric import Better, Metric


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting on one metric of a board.

    Attributes
    ----------
    mean, ci_low, ci_high
        Mean over images, with its 95 % t interval over groups; None where there is none, as with fewer than 4 groups.
        A mean over an infinite value is infinite.
    n, failed, skipped, absent
        Images: with a value, lost to the method or the metric, to which the metric does not apply, not run.
    place
        From 1, by mean, among candidates that have seen nothing of the data set and controls; None for others. Settings
        demoted for a flag are below the others, and those that lack an image are below those that do not.
    best, second, alike
        Whether the setting leads the board on the metric, is next, or cannot be told apart from the best.
    p_best
        Of the paired test against the best, corrected for the number of candidates; None where it was not made.
    mean_rank, wins
        See `usbench.board.ranking.Ranking`; None where there is none.
    seen
        What the method has seen of the data set in training or tuning. If anything, the cell is shown and marked, and
        takes no part in the order.
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
    place: int | None
    best: bool
    second: bool
    alike: bool
    p_best: float | None
    mean_rank: float | None
    wins: float | None
    seen: Seen
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
        Groups with a value, and whether they are enough to tell any candidate from the best.
    rivals
        How many candidates compete.
    control
        The control that is ahead of every candidate; empty if none is. Such a metric does not order a board.
    tau
        Mean Kendall tau between the orders by two random halves of the groups; None with fewer than 4 groups, and for
        columns that do not order the board.
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
    rivals: int
    control: str
    tau: float | None
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
    role
        `candidate` (the tuned setting of a method, else its defaults), `control`, or `other` setting of a method.
    superseded
        Whether another setting has the same label and tuning and comes later in the rows: the defaults of the method
        have changed. Tables leave the line out; the CSV has it.
    """

    setting: Setting
    flags: str
    cells: Mapping[str, Cell]
    role: Role
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
    def seen(self) -> Seen:
        """What the method has seen of the data set in training or tuning."""
        return next(iter(self.cells.values())).seen

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
        Metrics that were asked for: those of the tables, the one that orders the board first, then the others by name.
    passed_over
        Columns that come before the one that orders the board and do not order it, because a control leads there. Empty
        if a control leads on every column; the first one then orders the board and names the control.
    lines
        Candidates and controls, then other settings; each part by the mean on the column that orders the board, then
        those without a cell there by name.
    """

    dataset: str
    split: str
    kind: str
    images: int
    samples: np.ndarray
    columns: tuple[Column, ...]
    passed_over: tuple[Column, ...]
    lines: tuple[Line, ...]

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns of the tables."""
        return tuple(column for column in self.columns if column.shown)

    @property
    def listed(self) -> tuple[Line, ...]:
        """The lines of the tables: `head`, then `others`."""
        return tuple(line for line in self.lines if not line.superseded)

    @property
    def head(self) -> tuple[Line, ...]:
        """The lines of the head table: one candidate a method, and controls."""
        return tuple(line for line in self.listed if line.role != "other")

    @property
    def others(self) -> tuple[Line, ...]:
        """The lines of other settings, which take no part in the order."""
        return tuple(line for line in self.listed if line.role == "other")

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
    below, part = demoted(board, letters), standing(board)
    rankings = {name: rank(board, name, part, below) for name in board.scores}
    columns, passed_over = _columns(board, rankings, part)
    cells = {name: _cells(board.scores[name], rankings[name], part) for name in board.scores}
    lines = []
    for place, setting in enumerate(board.settings):
        own = {column.name: cell for column in columns if (cell := cells[column.name][place]) is not None}
        if own:
            lines.append((place, Line(setting, letters[place], own, part.roles[place], bool(part.superseded[place]))))
    first = columns[0].name if columns and columns[0].shown else ""

    def key(found: tuple[int, Line]) -> tuple[Any, ...]:
        place, line = found
        order = int(rankings[first].order[place]) if first in line.cells else math.inf
        return line.role == "other" or line.superseded, order, *map(str, line.setting)

    return BoardSummary(
        board.dataset,
        board.split,
        board.kind,
        max((int(scores.asked.max()) for scores in board.scores.values()), default=0),
        board.samples,
        columns,
        passed_over,
        tuple(line for _, line in sorted(lines, key=key)),
    )


def _columns(
    board: Board, rankings: Mapping[str, Ranking], part: Standing
) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """Return the columns, the one that orders the board first, and those that do not order it for a control's lead."""
    found = [_column(board, name, rankings[name], part) for name in in_order(board.scores)]
    shown = [column for column in found if column.shown]
    passed_over = tuple(itertools.takewhile(lambda column: column.control, shown))
    if len(passed_over) == len(shown):
        passed_over = ()
    first = shown[len(passed_over) : len(passed_over) + 1]
    leading = [replace(column, tau=rankings[column.name].split_half_tau(part)) for column in first]
    rest = [column for column in shown if column not in first]
    hidden = sorted((column for column in found if not column.shown), key=lambda column: column.name)
    return (*leading, *rest, *hidden), passed_over


def _column(board: Board, name: str, ranking: Ranking, part: Standing) -> Column:
    scores = board.scores[name]
    measured = bool(scores.counts.any())
    control = ranking.leading_control
    return Column(
        name,
        scores.metric.unit,
        scores.metric.better,
        measured,
        measured and in_tables(name),
        None if math.isnan(ranking.critical_difference) else ranking.critical_difference,
        ranking.groups,
        ranking.resolved,
        int((part.competing & (scores.counts > 0)).sum()),
        "" if control is None else board.settings[control].method,
        None,
        bool(scores.skipped.any() and not measured and not scores.failed.any()),
    )


def _cells(scores: Scores, ranking: Ranking, part: Standing) -> list[Cell | None]:
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
        [place or None for place in ranking.places.tolist()],
        (settings == ranking.best).tolist(),
        (settings == ranking.second).tolist(),
        ranking.alike.tolist(),
        _numbers(ranking.p),
        _numbers(ranking.ranks),
        _numbers(ranking.wins),
        part.seen,
        scores.values,
        strict=True,
    )
    return [Cell(*found) if asked else None for asked, found in zip(scores.asked.tolist(), fields, strict=True)]


def _numbers(values: np.ndarray) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]
