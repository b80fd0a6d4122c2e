"""The ranking of a board by a metric: the best, and those that cannot be told apart from it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from usbench.board.bootstrap import mean_intervals
from usbench.board.holm import LEVEL, holm_against_best
from usbench.board.mean_ranks import critical_difference, mean_ranks, win_rates
from usbench.board.scores import Board, difference, group_means
from usbench.board.signed_rank import signed_rank


@dataclass(frozen=True)
class Ranking:
    """The ranking of a board's settings by one metric; every array is (settings,).

    Attributes
    ----------
    means, low, high
        Mean over images, and the ends of its bootstrap interval.
    best, second
        Indices of the best two settings by mean, among those that compete and have every value; None without any.
    p
        Of the signed-rank test against the best on group means, corrected for having picked the best by the same data;
        NaN for the best itself, where a setting has no value, and everywhere if `resolved` is false.
    resolved
        Whether there are groups enough for any setting to be told apart from the best at 5 %.
    ranks, critical_difference
        Mean ranks over groups, and the difference that makes two of them significant (Nemenyi).
    wins
        Share of the groups in which a setting is better than the untouched input; NaN without that input.
    groups
        How many groups have a value.
    places
        From 1, by mean. Demoted settings come after the others, and those that lack a value after those that do not.
    """

    means: np.ndarray
    low: np.ndarray
    high: np.ndarray
    best: int | None
    second: int | None
    p: np.ndarray
    resolved: bool
    ranks: np.ndarray
    critical_difference: float
    wins: np.ndarray
    groups: int
    places: np.ndarray

    @cached_property
    def alike(self) -> np.ndarray:
        """Whether a setting cannot be told apart from the best; false for all where that was not tested."""
        alike = self.p >= LEVEL
        if self.best is not None and self.resolved:
            alike[self.best] = True
        return alike


def rank(board: Board, name: str, demoted: np.ndarray) -> Ranking:
    """Return the ranking of a board by the metric `name`.

    Settings that are `demoted`, (settings,), are placed below the others and cannot be best, whatever their mean.
    """
    scores = board.scores[name]
    merits = group_means(scores, board.groups)
    settings, groups = merits.shape
    scored = scores.counts > 0
    ordered = _order(board, name, demoted)
    competing = [place for place in ordered if _competes(board, name, place) and not demoted[place]]
    best, second, *_ = [*competing, None, None]
    smallest = 2.0**-groups * 2 * scored.sum() * (scored.sum() - 1) / 2
    resolved = best is not None and smallest < LEVEL
    p = np.full(settings, np.nan)
    if resolved:
        others = scored & (np.arange(settings) != best)
        p[others] = holm_against_best(signed_rank(difference(merits[best], merits[others])))
    low, high = mean_intervals(scores.values, board.groups)
    ranks = np.full(settings, np.nan)
    ranks[scores.asked > 0] = mean_ranks(merits[scores.asked > 0]) if groups else np.nan
    untouched = merits[board.input] if board.input is not None else np.full(groups, np.nan)
    return Ranking(
        means=scores.means(),
        low=low,
        high=high,
        best=best,
        second=second,
        p=p,
        resolved=resolved,
        ranks=ranks,
        critical_difference=critical_difference(int((scores.asked > 0).sum()), groups),
        wins=np.where(scores.asked > 0, win_rates(merits, untouched), np.nan),
        groups=groups,
        places=np.argsort(ordered) + 1,
    )


def _order(board: Board, name: str, demoted: np.ndarray) -> list[int]:
    """Return the indices of the settings, best first."""
    scores = board.scores[name]
    with np.errstate(invalid="ignore"):
        mean = np.nansum(scores.merits(), axis=1) / np.where(scores.counts > 0, scores.counts, np.nan)
    names = np.array([f"{setting.method} {setting.tuning} {setting.params}" for setting in board.settings])
    return np.lexsort((names, np.where(np.isnan(mean), np.inf, -mean), demoted, ~scores.complete)).tolist()


def _competes(board: Board, name: str, place: int) -> bool:
    scores = board.scores[name]
    return bool(scores.complete[place] and scores.counts[place]) and not board.settings[place].control
