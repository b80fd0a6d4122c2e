"""Mean ranks over groups, the difference that they must have, and shares of wins."""

from functools import lru_cache

import numpy as np


def mean_ranks(scores: np.ndarray) -> np.ndarray:
    """Return each method's rank among all, 1 for the best, as the mean over groups.

    Equal scores share their mean rank. A missing one ranks last, with the others that are missing: a method does not
    gain by failing where it is hard.

    Parameters
    ----------
    scores
        (methods, groups), higher is better, NaN where missing.
    """
    from scipy.stats import rankdata

    return rankdata(-np.where(np.isnan(scores), -np.inf, scores), axis=0).mean(axis=1)


@lru_cache(maxsize=256)
def critical_difference(methods: int, groups: int, level: float = 0.05) -> float:
    """Return by how much two mean ranks must differ before the methods do, after Nemenyi.

    CD = q sqrt(k (k + 1) / (6 n)) for k methods on n groups, with q the upper quantile of the Studentised range of k
    means with infinite degrees of freedom, over sqrt 2. NaN for fewer than two methods.

    References
    ----------
    Demsar, Statistical comparisons of classifiers over multiple data sets, JMLR 7:1-30, 2006, section 3.2.2.
    """
    from scipy.stats import studentized_range

    if methods < 2 or groups < 1:
        return float("nan")
    q = studentized_range.ppf(1 - level, methods, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(methods * (methods + 1) / (6 * groups)))


def win_rates(scores: np.ndarray, rival: np.ndarray) -> np.ndarray:
    """Return the share of groups in which each method is better than the rival; ties are half a win.

    Parameters
    ----------
    scores, rival
        (methods, groups) and (groups,), higher is better. Groups without the rival's score do not count; a method's
        missing score is a loss.

    Returns
    -------
    array of shape (methods,)
        In [0, 1]; NaN if the rival has no score at all.
    """
    counted = ~np.isnan(rival)
    if not counted.any():
        return np.full(len(scores), np.nan)
    mine, theirs = scores[:, counted], rival[counted]
    return (np.where(mine > theirs, 1.0, 0.0) + np.where(mine == theirs, 0.5, 0.0)).mean(axis=1)
