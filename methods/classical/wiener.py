"""The pixel-wise adaptive Wiener filter."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.method import MethodCard
from usbench.space import Real, Whole, over

from .loops import STRIP, TINY, ZERO, loop, prange
from .moments import window_moments
from .stack import StackMethod
from .window import OddSize


@dataclass(frozen=True)
class Wiener(StackMethod):
    r"""The local linear minimum mean square error estimate under additive white noise.

    .. math:: y = m + \frac{\max(0, s^2 - \nu^2)}{\max(s^2, \nu^2)} (x - m)

    with :math:`m, s^2` the mean and variance of the square window around the pixel, borders mirrored. It works on the
    display image, where logarithmic compression has made the speckle additive.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd; 3 to 7 are in use.
    noise
        Standard deviation :math:`\nu` of the noise in grey, of a range of 1. 0 takes the mean of the local variances
        for :math:`\nu^2`, as MATLAB's wiener2 and SciPy do.

    References
    ----------
    Lim, Two-Dimensional Signal and Image Processing, Prentice Hall, 1990, p. 548, equations 9.26 to 9.29.
    """

    name = "wiener"
    card = MethodCard(title="Wiener filter", family="local statistics", citation="Lim, Prentice Hall, 1990, p. 548")
    space = over(size=Whole(3, 11, step=2), noise=Real(0.02, 0.5, log=True))

    size: OddSize = 5
    noise: Annotated[float, Field(ge=0, le=1)] = 0.0

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter display images."""
        mean, variance = moments(stack, self.size // 2)
        noise = np.full(len(stack), self.noise**2)
        if not self.noise:
            noise = variance.mean(axis=(1, 2), dtype=np.float64)
        return wiener(stack, mean, variance, noise)


@loop(parallel=True)
def moments(stack, reach):
    """Return the mean and the variance of the window around each pixel."""
    frames, height, width = stack.shape
    mean, variance = np.empty_like(stack), np.empty_like(stack)
    strips = (height + STRIP - 1) // STRIP
    for task in prange(frames * strips):
        frame, start = task // strips, task % strips * STRIP
        scratch = np.empty((2, width + 2 * reach), np.float32)
        for row in range(start, min(start + STRIP, height)):
            window_moments(stack[frame], row, reach, scratch, mean[frame, row], variance[frame, row])
    return mean, variance


@loop(parallel=True)
def wiener(stack, mean, variance, noise):
    """Return the estimate from local moments and the noise variance of each frame."""
    frames, height, width = stack.shape
    result = np.empty_like(stack)
    for task in prange(frames * height):
        frame, row = task // height, task % height
        power = np.float32(noise[frame])
        for column in range(width):
            local = variance[frame, row, column]
            gain = max(local - power, ZERO) / (max(local, power) + TINY)
            middle = mean[frame, row, column]
            result[frame, row, column] = middle + gain * (stack[frame, row, column] - middle)
    return result
