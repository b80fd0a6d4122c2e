"""Mean and variance of the window around each pixel, for the filters by local statistics."""

from typing import TYPE_CHECKING

import numpy as np

from usbench.runtime.numba_loops import loop, prange

from .arithmetic import STRIP, ZERO, mirrored

if TYPE_CHECKING:
    from usbench.runtime.numba_loops import Loop

SIDE = 7  # side of the window in pixels; set with `given`, so that the compiler unrolls the sums


@loop
def window_moments(
    block: np.ndarray, offset: np.float32, scratch: np.ndarray, mean: np.ndarray, variance: np.ndarray
) -> None:
    """Write mean and variance of the square window around each pixel of a row.

    Sums are taken down the columns first, then along the row, without running sums: rounding errors do not accumulate,
    and the values of a row do not depend on other calls.

    Parameters
    ----------
    block
        (SIDE, lateral + SIDE - 1), float32: the row and its surroundings.
    offset
        A grey value of the image, which is subtracted first to keep precision in the difference of squares.
    scratch
        (2, lateral + SIDE - 1), float32, to be overwritten.
    mean, variance
        (lateral,), float32, to be overwritten.
    """
    share = np.float32(1 / (SIDE * SIDE))
    sums, squares = scratch[0], scratch[1]
    for column in range(block.shape[1]):
        total, total_square = ZERO, ZERO
        for row in range(SIDE):
            value = block[row, column] - offset
            total += value
            total_square += value * value
        sums[column], squares[column] = total, total_square
    for column in range(mean.size):
        total, total_square = ZERO, ZERO
        for shift in range(SIDE):
            total += sums[column + shift]
            total_square += squares[column + shift]
        centred = total * share
        variance[column] = max(total_square * share - centred * centred, ZERO)
        mean[column] = centred + offset


@loop
def local_mean(
    mean: np.float32, variance: np.float32, value: np.float32, parameters: tuple[np.float32, ...]
) -> np.float32:
    """Return the mean of the window around a pixel."""
    return mean


estimate = local_mean  # replaced by `estimates.given`


@loop(parallel=True)
def estimates(padded: np.ndarray, parameters: tuple[np.float32, ...]) -> np.ndarray:
    """Return the estimates of all pixels; `padded` is padded by half a window."""
    frames, height, width = padded.shape[0], padded.shape[1] - SIDE + 1, padded.shape[2] - SIDE + 1
    reach = SIDE // 2
    result = np.empty((frames, height, width), np.float32)
    strips = (height + STRIP - 1) // STRIP
    for task in prange(frames * strips):
        frame, start = task // strips, task % strips * STRIP
        plane = padded[frame]
        scratch = np.empty((2, width + SIDE - 1), np.float32)
        mean, variance = np.empty(width, np.float32), np.empty(width, np.float32)
        for row in range(start, min(start + STRIP, height)):
            window_moments(plane[row : row + SIDE], plane[reach, reach], scratch, mean, variance)
            source, target = plane[row + reach, reach : reach + width], result[frame, row]
            for column in range(width):
                target[column] = estimate(mean[column], variance[column], source[column], parameters)
    return result


@loop
def local_variance(
    mean: np.float32, variance: np.float32, value: np.float32, parameters: tuple[np.float32, ...]
) -> np.float32:
    """Return the variance of the window around a pixel."""
    return variance


def estimates_by_moments(stack: np.ndarray, size: int, estimate: "Loop", *parameters: float) -> np.ndarray:
    """Return a filter's estimate of each pixel from the mean and the variance of the window around it.

    Parameters
    ----------
    stack
        (frames, axial, lateral), float32; borders are mirrored.
    size
        Height and width of the window in pixels, odd.
    estimate
        Returns the estimate from the mean, the variance, the pixel's own grey and the parameters.
    parameters
        Parameters of the filter.
    """
    whole = estimates.given(SIDE=size, estimate=estimate)
    return whole(mirrored(stack, size // 2), tuple(np.float32(number) for number in parameters))
