"""Two methods against each other: which is better on what, by how much, and how sure that is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from usbench.board.bootstrap import mean_interval
from usbench.board.holm import LEVEL, holm
from usbench.board.scores import Board, Scores, difference, group_means
from usbench.board.signed_rank import signed_rank
from usbench.core.errors import UsageError
from usbench.core.metric import Metric

SHOWN = 3  # images in which each of the two gains most


@dataclass(frozen=True)
class Contrast:
    """Two methods on one metric of one board, on the images where both have a value.

    Attributes
    ----------
    dataset, split, metric
        What was compared.
    first, second
        Means.
    gain, low, high
        By how much the first method is better, as a mean over images with its 95 % bootstrap interval over groups;
        negative if it is worse. In the unit of the metric; where 1 is ideal it is how much nearer to 1.
    p
        Of the paired signed-rank test on group means, corrected after Holm for all contrasts of the comparison; None
        where there are too few groups to decide anything.
    images, groups
        On how many both have a value.
    lost
        Images that one of the two lacks although the other has a value: they failed or were not run.
    wins
        Share of the groups in which the first is better; ties are half.
    apart
        (sample, first, second) of the images in which the first gains most, then of those in which the second does.
    """

    dataset: str
    split: str
    metric: Metric
    first: float
    second: float
    gain: float
    low: float
    high: float
    p: float | None
    images: int
    groups: int
    lost: int
    wins: float
    apart: tuple[tuple[str, float, float], ...]

    @property
    def winner(self) -> int | None:
        """0 if the first method is better, 1 if the second is, None if that is undecided at 5 %."""
        if self.p is None or self.p >= LEVEL or self.gain == 0 or np.isnan(self.gain):
            return None
        return 0 if self.gain > 0 else 1


def compare(boards: Iterable[Board], first: str, second: str, metrics: Sequence[str]) -> list[Contrast]:
    """Compare two methods on every board that has both.

    Parameters
    ----------
    boards
        As `usbench.board.scores.boards` yields them.
    first, second
        Labels of the methods, as rows have them.
    metrics
        Names; those without values are left out.

    Raises
    ------
    UsageError
        If the methods are the same, or no board has values of both.
    """
    if first == second:
        raise UsageError(f"{first} cannot be compared with itself; name two methods.")
    found, p = [], []
    for board in boards:
        one, other = (_place(board, name) for name in (first, second))
        if one is None or other is None:
            continue
        for name in metrics:
            if name in board.scores and (contrast := _contrast(board, board.scores[name], one, other)):
                found.append(contrast[0])
                p.append(contrast[1])
    if not found:
        raise UsageError(f"No data set has values of both {first} and {second}; `usbench run -m {first} -m {second}`.")
    decidable = np.array([value is not None for value in p])
    corrected: list[float | None] = [None] * len(p)
    values = holm(np.array([value for value in p if value is not None], float))
    for place, value in zip(np.flatnonzero(decidable), values, strict=True):
        corrected[place] = float(value)
    return [Contrast(**contrast, p=value) for contrast, value in zip(found, corrected, strict=True)]


def _place(board: Board, label: str) -> int | None:
    """Return the place of a method among a board's settings; the one with its default parameters if there are two."""
    places = [place for place, setting in enumerate(board.settings) if setting.method == label]
    return min(places, key=lambda place: board.settings[place].tuning != "", default=None)


def _contrast(board: Board, scores: Scores, one: int, other: int) -> tuple[dict, float | None] | None:
    values = scores.values[[one, other]]
    both = ~np.isnan(values).any(axis=0)
    if not both.any():
        return None
    pair = Scores(scores.metric, values[:, both], np.full(2, both.sum()), np.zeros(2, int))
    groups = np.unique(board.groups[both], return_inverse=True)[1]
    gains = difference(*pair.merits())
    means = group_means(pair, groups)
    between = difference(means[:1], means[1:])
    low, high = mean_interval(gains, groups)
    order = np.argsort(gains, kind="stable")
    least, most = order[gains[order] < 0][:SHOWN], order[::-1][gains[order[::-1]] > 0][:SHOWN]
    samples = board.samples[both]
    contrast = {
        "dataset": board.dataset,
        "split": board.split,
        "metric": scores.metric,
        "first": float(pair.means()[0]),
        "second": float(pair.means()[1]),
        "gain": float(gains.mean()),
        "low": low,
        "high": high,
        "images": int(both.sum()),
        "groups": between.shape[1],
        "lost": int(scores.applies.sum() - both.sum()),
        "wins": float(((between > 0) + 0.5 * (between == 0)).mean()),
        "apart": tuple(
            (str(samples[n]), float(values[0, both][n]), float(values[1, both][n])) for n in (*most, *least)
        ),
    }
    decidable = 2.0 ** (1 - between.shape[1]) < LEVEL
    return contrast, float(signed_rank(between)[0]) if decidable else None
