"""Confidence intervals of means over images, from group means."""

import numpy as np

CONFIDENCE = 0.95
LEAST_GROUPS = 4  # with fewer, no interval is given and no test is made


def mean_intervals(values: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % t intervals of means over images, with the groups as independent observations.

    Frames of one patient, or tiles of one picture, are not independent, so the spread is that between groups. Where
    groups are equally large this is the t interval of the group means. Otherwise each group counts by its number of
    images, as it does in the mean: with group totals y, sizes n and the mean m over images, the variance of m is
    G / (G - 1) * sum((y - n m)^2) / sum(n)^2.

    Parameters
    ----------
    values
        (settings, samples); NaN where a setting has no value, which leaves the sample out of its mean.
    groups
        (samples,), whole numbers from 0: the group of each sample.

    Returns
    -------
    tuple of two arrays of shape (settings,)
        Lower and upper ends; NaN where fewer than 4 groups have a value, or a value is infinite.

    References
    ----------
    Cochran, Sampling Techniques, 3rd edition, 1977, sections 2.8 and 9A.2 (ratio to size).
    """
    from scipy.special import stdtrit

    present = ~np.isnan(values)
    ends = np.full((2, len(values)), np.nan)
    if not present.any():
        return ends[0], ends[1]
    sums, sizes = sum_by_group(np.where(present, values, 0.0), groups), sum_by_group(present.astype(float), groups)
    counted = (sizes > 0).sum(axis=1)
    usable = np.isfinite(sums).all(axis=1) & (counted >= LEAST_GROUPS)
    sums, sizes, counted = sums[usable], sizes[usable], counted[usable]
    images = sizes.sum(axis=1)
    means = sums.sum(axis=1) / images
    squares = ((sums - sizes * means[:, None]) ** 2).sum(axis=1)
    errors = np.sqrt(counted / (counted - 1) * squares) / images
    half = stdtrit(counted - 1, (1 + CONFIDENCE) / 2) * errors
    ends[:, usable] = means - half, means + half
    return ends[0], ends[1]


def mean_interval(values: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Return the interval of one mean; see `mean_intervals`."""
    low, high = mean_intervals(values[None], groups)
    return float(low[0]), float(high[0])


def sum_by_group(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the sums of (settings, samples) over each group's samples, (settings, groups), in the groups' order."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    return np.add.reduceat(values[:, order], starts, axis=1)
