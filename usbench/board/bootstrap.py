"""Confidence intervals that respect groups."""

import numpy as np
import pandas as pd

RESAMPLES = 2000
LEVEL = 0.95


def mean_interval(values: pd.Series, groups: pd.Series) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a mean at 95 %, with whole groups drawn.

    Frames of one patient, or tiles of one picture, are not independent: resampling them one by one would promise more
    than the data hold. With fewer than two groups there is no interval and both ends are NaN. The seed is fixed, so
    the same rows give the same interval.

    References
    ----------
    Davison, Hinkley, Bootstrap Methods and their Application, 1997, section 3.8.
    """
    finite = np.isfinite(values)
    sums = values[finite].groupby(groups[finite], sort=True).agg(["sum", "count"]).to_numpy(float)
    if len(sums) < 2:
        return float("nan"), float("nan")
    drawn = np.random.default_rng(0).integers(len(sums), size=(RESAMPLES, len(sums)))
    totals = sums[drawn].sum(axis=1)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(totals[:, 0] / totals[:, 1], [tail, 1 - tail])
    return float(low), float(high)
