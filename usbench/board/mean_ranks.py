"""Mean ranks over groups, their critical difference, and win rates."""

from functools import lru_cache

import numpy as np


def mean_ranks(scores: np.ndarray) -> np.ndarray:
    """Return the rank of each method, 1 for the best, as a mean over groups.

    Equal scores share their mean rank. Missing scores share the last: a method must not gain by failing on hard images.

    Parameters
    ----------
    scores
        (methods, groups), higher is better, NaN where missing.
    """
    from scipy.stats import rankdata

    return rankdata(-np.where(np.isnan(scores), -np.inf, scores), axis=0).mean(axis=1)


@lru_cache(maxsize=256)
def critical_difference(methods: int, groups: int, level: float = 0.05) -> float:
    """Return the least difference of two mean ranks that is significant (Nemenyi).

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
