"""The pixel-wise adaptive Wiener filter."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop

from .arithmetic import TINY, ZERO
from .moments import estimates_by_moments, local_variance
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
        Height and width of the window in pixels, odd; 3 to 7 are usual.
    noise
        Standard deviation :math:`\nu` of the noise, on a grey scale of 0 to 1. 0 uses the mean of the local variances
        as :math:`\nu^2`, like MATLAB's wiener2 and SciPy.

    References
    ----------
    Lim, Two-Dimensional Signal and Image Processing, Prentice Hall, 1990, p. 548, equations 9.26 to 9.29.
    """

    name = "wiener"
    card = MethodCard(
        title="Wiener filter",
        family="local statistics",
        citation="Lim, Prentice Hall, 1990, p. 548",
        default_from={"size": "usual", "noise": "usual"},
    )
    space = over(size=Whole(3, 11, step=2), noise=Real(0.02, 0.5, log=True))

    size: OddSize = 5
    noise: Annotated[float, Field(ge=0, le=1)] = 0.0

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter display images."""
        if self.noise:
            return estimates_by_moments(stack, self.size, wiener, self.noise**2)
        noise = estimates_by_moments(stack, self.size, local_variance).mean(axis=(1, 2), dtype=np.float64)
        frames = zip(stack[:, None], noise, strict=True)
        return np.concatenate([estimates_by_moments(frame, self.size, wiener, power) for frame, power in frames])


@loop
def wiener(mean: np.float32, variance: np.float32, value: np.float32, parameters: tuple[np.float32, ...]) -> np.float32:
    """Return the estimate of a pixel; the parameter is the variance of the noise."""
    noise = parameters[0]
    return mean + max(variance - noise, ZERO) / (max(variance, noise) + TINY) * (value - mean)
