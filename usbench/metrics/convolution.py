"""Gaussian means in float64: what several metrics smooth with."""

import numpy as np

from usbench.runtime.numba_loops import loop


def gaussian_means(planes: np.ndarray, sigma: float, reach: int) -> np.ndarray:
    """Return Gaussian-weighted means over windows that lie inside the planes.

    Parameters
    ----------
    planes
        (N, H, W), float64; pad them for means at the borders.
    sigma
        Of the Gaussian, in pixels.
    reach
        Pixels to either side after which its samples are cut off. The sum of those within is 1.

    Returns
    -------
    numpy.ndarray
        (N, H - 2 reach, W - 2 reach), float64.
    """
    half = np.exp(-0.5 * (np.arange(reach + 1) / sigma) ** 2)
    return separable(np.ascontiguousarray(planes, np.float64), half / (half[0] + 2 * half[1:].sum()))


def smoothed(image: np.ndarray, sigma: float) -> np.ndarray:
    """Return an image (H, W) under a Gaussian cut off at four deviations, borders mirrored about their edges."""
    reach = int(4 * sigma + 0.5)
    return gaussian_means(np.pad(image, reach, mode="symmetric")[None], sigma, reach)[0]


@loop
def separable(planes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return planes convolved along both axes with a symmetric kernel, given from its middle, where it fits."""
    count, height, width = planes.shape
    reach = weights.size - 1
    result = np.empty((count, height - 2 * reach, width - 2 * reach))
    sums = np.empty(width)
    for plane in range(count):
        for row in range(height - 2 * reach):
            middle = planes[plane, row + reach]
            for column in range(width):
                sums[column] = weights[0] * middle[column]
            for shift in range(1, reach + 1):
                weight = weights[shift]
                above, below = planes[plane, row + reach - shift], planes[plane, row + reach + shift]
                for column in range(width):
                    sums[column] += weight * (above[column] + below[column])
            target, centre = result[plane, row], sums[reach:]
            for column in range(target.size):
                target[column] = weights[0] * centre[column]
            for shift in range(1, reach + 1):
                weight = weights[shift]
                west, east = sums[reach - shift :], sums[reach + shift :]
                for column in range(target.size):
                    target[column] += weight * (west[column] + east[column])
    return result
