"""The size of speckle grains."""

import numpy as np


def autocorrelation_widths(image: np.ndarray, roi: np.ndarray) -> tuple[float, float]:
    """Return the full widths at one half of the autocorrelation within a region, (axial, lateral) in pixels.

    The region may have any shape: each lag is divided by the number of pairs of pixels that lie in it. NaN for a flat
    region.
    """
    rows, columns = np.flatnonzero(roi.any(1)), np.flatnonzero(roi.any(0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    inside = roi[box].astype(np.float64)
    values = (image[box] - image[roi].mean()) * inside
    shape = [2 * extent for extent in inside.shape]
    sums, pairs = (np.fft.irfft2(np.abs(np.fft.rfft2(plane, shape)) ** 2, shape) for plane in (values, inside))
    if not sums[0, 0] > 1e-12:
        return float("nan"), float("nan")
    correlation = sums / np.maximum(pairs, 0.5) / (sums[0, 0] / pairs[0, 0])
    return _half_width(correlation[: inside.shape[0], 0]), _half_width(correlation[0, : inside.shape[1]])


def _half_width(profile: np.ndarray) -> float:
    """Return twice the lag at which a profile that starts at 1 first falls to one half, between lags linearly."""
    below = np.flatnonzero(profile < 0.5)
    if not len(below):
        return 2.0 * len(profile)
    lag = int(below[0])
    return float(2 * (lag - 1 + (profile[lag - 1] - 0.5) / (profile[lag - 1] - profile[lag])))
