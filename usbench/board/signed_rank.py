"""Wilcoxon's signed-rank test, vectorised over tests."""

from functools import lru_cache

import numpy as np

EXACT_UP_TO = 50  # pairs; above, the normal approximation is good to three digits


def signed_rank(differences: np.ndarray) -> np.ndarray:
    """Return two-sided p-values of the hypothesis that paired differences are symmetric about zero.

    Zeros are left out, as Wilcoxon did, and ties share their mean rank. Up to 50 pairs the null distribution is exact
    given the ties: each rank is in the sum of positive ranks with probability one half. Above, the sum is approximated
    as normal with mean sum(r) / 2 and variance sum(r^2) / 4.

    Parameters
    ----------
    differences
        (tests, pairs); NaN where there is no pair. Infinite differences rank above all others.

    Returns
    -------
    array of shape (tests,)
        In (0, 1]; 1 where no pair differs.

    References
    ----------
    Wilcoxon, Individual comparisons by ranking methods, Biometrics Bulletin 1(6):80-83, 1945, doi 10.2307/3001968.
    """
    from scipy.special import ndtr
    from scipy.stats import rankdata

    counted = ~np.isnan(differences) & (differences != 0)
    ranks = rankdata(np.where(counted, np.abs(differences), np.nan), axis=1, nan_policy="omit")
    ranks = np.where(counted, ranks, 0.0)
    positive = np.where(differences > 0, ranks, 0.0).sum(axis=1)
    total, pairs = ranks.sum(axis=1), counted.sum(axis=1)
    spread = np.sqrt((ranks**2).sum(axis=1))
    p = np.ones(len(differences))
    large = pairs > EXACT_UP_TO
    p[large] = 2 * ndtr(-np.abs(2 * positive[large] - total[large]) / spread[large])
    for test in np.flatnonzero((pairs > 0) & ~large):
        doubled = tuple(np.sort(2 * ranks[test, counted[test]]).astype(int).tolist())
        extreme = min(positive[test], total[test] - positive[test])
        p[test] = min(1.0, 2 * _cumulative(doubled)[round(2 * extreme)])
    return p


@lru_cache(maxsize=4096)
def _cumulative(doubled_ranks: tuple[int, ...]) -> np.ndarray:
    """Return P(S <= s) for s = 0, 1, ..., where S includes each of the doubled ranks with probability one half."""
    chances = np.zeros(sum(doubled_ranks) + 1)
    chances[0] = 1.0
    for rank in doubled_ranks:
        chances[rank:] = (chances[rank:] + chances[:-rank]) / 2
        chances[:rank] /= 2
    return np.cumsum(chances)
