"""Confidence intervals that respect groups."""

from functools import lru_cache

import numpy as np

RESAMPLES = 1999
TAIL = 50  # (RESAMPLES + 1) 2.5 %: the ends are order statistics


def mean_intervals(values: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % percentile bootstrap intervals of means, resampled by group.

    Frames of one patient, or tiles of one picture, are not independent: resampling them one by one would make intervals
    too narrow. The seed is fixed, so the same rows give the same interval.

    Parameters
    ----------
    values
        (settings, samples); NaN where a setting has no value, which leaves the sample out of its mean.
    groups
        (samples,), whole numbers from 0: the group of each sample.

    Returns
    -------
    tuple of two arrays of shape (settings,)
        Lower and upper ends; NaN where fewer than two groups have a value, or a value is infinite.

    References
    ----------
    Davison, Hinkley, Bootstrap Methods and their Application, 1997, sections 3.8 and 5.3, doi 10.1017/CBO9780511802843.
    """
    present = ~np.isnan(values)
    if not present.any():
        return np.full(len(values), np.nan), np.full(len(values), np.nan)
    sums, counts = sum_by_group(np.where(present, values, 0.0), groups), sum_by_group(present.astype(float), groups)
    ends = np.full((2, len(values)), np.nan)
    usable = np.isfinite(sums).all(axis=1) & ((counts > 0).sum(axis=1) >= 2)
    patterns, pattern_of = _distinct(counts[usable] > 0)
    for number, pattern in enumerate(patterns):
        chosen = np.flatnonzero(usable)[pattern_of == number]
        draws = _draws(int(pattern.sum()))
        sizes, size_of = _distinct(counts[chosen][:, pattern])
        means = sums[chosen][:, pattern] @ draws
        means /= (sizes @ draws)[size_of]
        means.partition([TAIL - 1, RESAMPLES - TAIL], axis=1)
        ends[:, chosen] = means[:, TAIL - 1], means[:, RESAMPLES - TAIL]
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


def _distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct rows, and which of them each row is."""
    if len(rows) and (rows == rows[0]).all():  # almost always: every setting has every image
        return rows[:1], np.zeros(len(rows), int)
    distinct, place = np.unique(rows, axis=0, return_inverse=True)
    return distinct, place.ravel()


@lru_cache(maxsize=8)
def _draws(groups: int) -> np.ndarray:
    """Return (groups, resamples), how often each group is drawn in each resample."""
    drawn = np.random.default_rng(0).integers(groups, size=(RESAMPLES, groups))
    cells = drawn + groups * np.arange(RESAMPLES)[:, None]
    return np.bincount(cells.ravel(), minlength=RESAMPLES * groups).reshape(RESAMPLES, groups).T.astype(float)
