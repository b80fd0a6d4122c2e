"""The size of the speckle grain."""

from collections.abc import Sequence

import numpy as np

SMOOTH = 5  # pixels


def autocorrelation_widths(image: np.ndarray, roi: np.ndarray) -> tuple[float, float]:
    """Return `autocorrelation_width` along both axes, (axial, lateral)."""
    return autocorrelation_width(image, roi, 0), autocorrelation_width(image, roi, 1)


def fine_grain_width(image: np.ndarray, windows: Sequence[tuple[int, int, int]]) -> float:
    """Return the grain width in pixels: the median over windows (row, column, side).

    It is the geometric mean of `autocorrelation_widths` of the image minus itself smoothed by 5 pixels, so that slow
    shading does not count.
    """
    from scipy.ndimage import gaussian_filter

    fine = image - gaussian_filter(image.astype(np.float64), SMOOTH, mode="nearest")
    widths = []
    for row, column, side in windows:
        patch = fine[row : row + side, column : column + side]
        widths.append(np.sqrt(np.prod(autocorrelation_widths(patch, np.ones(patch.shape, bool)))))
    return float(np.nanmedian(widths)) if np.isfinite(widths).any() else 1.0


def autocorrelation_width(image: np.ndarray, roi: np.ndarray, axis: int) -> float:
    """Return the full width at half maximum of the autocorrelation in a region along an axis, in pixels.

    The region may have any shape: each lag is divided by the number of pairs of pixels in it. NaN for a flat region.
    """
    rows, columns = np.flatnonzero(roi.any(1)), np.flatnonzero(roi.any(0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    inside = roi[box].astype(np.float64)
    values = (image[box] - image[roi].mean()) * inside
    if not np.sum(values**2) > 1e-12:
        return float("nan")
    return _half_width(values, inside) if axis == 0 else _half_width(values.T, inside.T)


def _half_width(values: np.ndarray, inside: np.ndarray) -> float:
    """Return twice the lag along the first axis at which the autocorrelation is one half, by linear interpolation."""
    power = np.sum(values**2) / inside.sum()
    before = 1.0
    for lag in range(1, len(values)):
        pairs = max(float(np.vdot(inside[:-lag], inside[lag:])), 0.5)
        correlation = float(np.vdot(values[:-lag], values[lag:])) / pairs / power
        if correlation < 0.5:
            return 2 * (lag - 1 + (before - 0.5) / (before - correlation))
        before = correlation
    return 2.0 * len(values)
