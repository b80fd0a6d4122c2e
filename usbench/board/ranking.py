"""The ranking of a board by a metric: the best, and those that cannot be told apart from it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from usbench.board.holm import LEVEL, holm_against_best
from usbench.board.intervals import mean_intervals
from usbench.board.mean_ranks import critical_difference, mean_ranks, win_rates
from usbench.board.paired_tests import decidable, paired_test
from usbench.board.scores import Board, Scores, difference, group_means
from usbench.board.split_half import split_half_tau
from usbench.board.standing import Standing

PAR_OF_CONTROLS = "gaussian_equivalent"  # 1 for the untouched image and every blur: to be behind these is a result


@dataclass(frozen=True)
class Ranking:
    """The ranking of a board's settings by one metric; every array is (settings,).

    Attributes
    ----------
    means, low, high
        Mean over images, and the ends of its t interval.
    best, second
        Indices of the best two settings by mean, among those that compete and have every value; None without any.
    p
        Of the paired test against the best on group means, corrected for having picked the best by the same data; NaN
        for the best itself, where a setting does not compete or has no value, and everywhere if `resolved` is false.
    resolved
        Whether there are groups enough for any setting to be told apart from the best at 5 %.
    ranks, critical_difference
        Mean ranks over groups among those that have a place, NaN for others, and the difference that makes two of them
        significant (Nemenyi).
    wins
        Share of the groups in which a setting is better than the untouched input; NaN without that input.
    groups
        How many groups have a value.
    order
        From 0, by mean. Demoted settings come after the others, then those that are infinitely bad on an image (by the
        residual of lesions if it is the Gaussian equivalent), then those that lack a value.
    places
        From 1, in that order, among the settings that have a place; 0 for others.
    leading_control
        Index of the control whose mean is better than that of every complete candidate; None if there is none.
    merits
        (settings, groups), as `group_means` returns them.
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
    order: np.ndarray
    places: np.ndarray
    leading_control: int | None
    merits: np.ndarray

    @cached_property
    def alike(self) -> np.ndarray:
        """Whether a setting cannot be told apart from the best; false for all where that was not tested."""
        alike = self.p >= LEVEL
        if self.best is not None and self.resolved:
            alike[self.best] = True
        return alike

    def split_half_tau(self, standing: Standing) -> float | None:
        """Return how well two halves of the groups agree on the order of those that compete."""
        return split_half_tau(self.merits[standing.competing])


def rank(board: Board, name: str, standing: Standing, demoted: np.ndarray) -> Ranking:
    """Return the ranking of a board by the metric `name`.

    Settings that are `demoted`, (settings,), are placed below the others and cannot be best, whatever their mean.
    """
    scores = board.scores[name]
    merits = group_means(scores, board.groups)
    settings, groups = merits.shape
    scored = scores.counts > 0
    means = _mean_merits(scores)
    ordered = _order(board, scores, means, demoted)
    rivals = standing.competing & scored
    eligible = rivals & scores.complete & ~demoted & ~np.isneginf(means)
    leaders: list[int | None] = [place for place in ordered if eligible[place]]
    best, second, *_ = [*leaders, None, None]
    rival_count = int(rivals.sum())
    resolved = best is not None and decidable(groups, rival_count * (rival_count - 1) / 2)
    p = np.full(settings, np.nan)
    if resolved:
        others = rivals & (np.arange(settings) != best)
        p[others] = holm_against_best(paired_test(difference(merits[best], merits[others])))
    low, high = mean_intervals(scores.values, board.groups)
    ranked = standing.placed & (scores.asked > 0)
    ranks = np.full(settings, np.nan)
    ranks[ranked] = mean_ranks(merits[ranked]) if groups else np.nan
    untouched = merits[board.input] if board.input is not None else np.full(groups, np.nan)
    places = np.zeros(settings, int)
    placed = [place for place in ordered if standing.placed[place]]
    places[placed] = np.arange(1, len(placed) + 1)
    return Ranking(
        means=scores.means(),
        low=low,
        high=high,
        best=best,
        second=second,
        p=p,
        resolved=resolved,
        ranks=ranks,
        critical_difference=critical_difference(int(ranked.sum()), groups),
        wins=np.where(scores.asked > 0, win_rates(merits, untouched), np.nan),
        groups=groups,
        order=np.argsort(ordered),
        places=places,
        leading_control=_leading_control(scores, means, standing),
        merits=merits,
    )


def _mean_merits(scores: Scores) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.nansum(scores.merits(), axis=1) / np.where(scores.counts > 0, scores.counts, np.nan)


def _order(board: Board, scores: Scores, means: np.ndarray, demoted: np.ndarray) -> list[int]:
    """Return the indices of the settings, best first."""
    names = np.array([f"{setting.method} {setting.tuning} {setting.params}" for setting in board.settings])
    residual = board.scores.get(scores.metric.name.replace(PAR_OF_CONTROLS, "lesion_residual"), scores)
    lost = np.where(np.isneginf(means), -_mean_merits(residual), 0)  # equivalents that are infinite, by the loss
    return np.lexsort(
        (names, lost, np.where(np.isnan(means), np.inf, -means), demoted, np.isneginf(means), ~scores.complete)
    ).tolist()


def _leading_control(scores: Scores, means: np.ndarray, standing: Standing) -> int | None:
    """Return the best control if no complete candidate is as good; None without controls or without candidates."""
    if scores.metric.name.startswith(PAR_OF_CONTROLS):
        return None
    whole = scores.complete & (scores.counts > 0)
    candidates, controls = whole & standing.candidates, whole & standing.controls
    if not candidates.any() or not controls.any():
        return None
    best = int(np.argmax(np.where(controls, means, -np.inf)))
    return best if controls[best] and means[best] > means[candidates].max() else None
