"""Paired tests on group means: Student's t for few groups, the signed rank for many."""

import numpy as np

from usbench.board.holm import LEVEL
from usbench.board.intervals import LEAST_GROUPS
from usbench.board.signed_rank import signed_rank

SIGNED_RANK_FROM = 18  # groups; with fewer, signed ranks cannot decide among some 90 methods


def paired_test(differences: np.ndarray) -> np.ndarray:
    """Return two-sided p-values of the hypothesis that paired group means do not differ.

    The test is Student's paired t on fewer than 18 groups and Wilcoxon's signed rank from 18 on.

    Parameters
    ----------
    differences
        (tests, groups); NaN where there is no pair.

    Returns
    -------
    array of shape (tests,)
        In [0, 1]; 1 where fewer than 4 pairs are left.
    """
    test = signed_rank if differences.shape[1] >= SIGNED_RANK_FROM else paired_t
    pairs = (~np.isnan(differences)).sum(axis=1)
    return np.where(pairs < LEAST_GROUPS, 1.0, test(differences))


def name_of_test(groups: int) -> str:
    """Return the name of the test that `paired_test` makes on so many groups."""
    return "signed-rank test" if groups >= SIGNED_RANK_FROM else "paired t test"


def decidable(groups: int, factor: float) -> bool:
    """Return whether any p-value of `paired_test` can be below 5 % after it is multiplied by a factor.

    A signed-rank test has no p-value below 2^(1 - groups). A t test has no such limit, but is made on 4 groups or more.
    """
    if groups < SIGNED_RANK_FROM:
        return groups >= LEAST_GROUPS
    return 2.0 ** (1 - groups) * factor < LEVEL


def paired_t(differences: np.ndarray) -> np.ndarray:
    """Return two-sided p-values of Student's t test that the mean of paired differences is zero.

    Where all differences are equal, p is 0, or 1 if they are zero. A row with infinite differences is tested in the
    limit of large ones: those are 1 or -1 and the finite are 0. One infinite difference is then an outlier and no
    finding, and a method that is infinitely better on every group is better.

    Parameters
    ----------
    differences
        (tests, pairs); NaN where there is no pair.

    Returns
    -------
    array of shape (tests,)
        In [0, 1]; 1 where there are fewer than two pairs.

    References
    ----------
    Student, The probable error of a mean, Biometrika 6(1):1-25, 1908, doi 10.2307/2331554.
    """
    from scipy.special import stdtr

    infinite = np.isinf(differences)
    limits = np.where(infinite, np.sign(differences), np.where(np.isnan(differences), np.nan, 0.0))
    values = np.where(infinite.any(axis=1, keepdims=True), limits, differences)
    present = ~np.isnan(values)
    pairs = present.sum(axis=1)
    enough = pairs >= 2
    counts = np.maximum(pairs, 2)
    means = np.where(present, values, 0.0).sum(axis=1) / counts
    variances = np.where(present, (values - means[:, None]) ** 2, 0.0).sum(axis=1) / (counts - 1)
    lowest, highest = (np.where(present, values, fill) for fill in (np.inf, -np.inf))
    equal = lowest.min(axis=1, initial=np.inf) == highest.max(axis=1, initial=-np.inf)
    errors = np.sqrt(variances / counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stdtr(counts - 1, -np.abs(means) / errors)
    p = np.where(equal, np.where(means == 0, 1.0, 0.0), p)
    return np.where(enough, np.minimum(p, 1.0), 1.0)
