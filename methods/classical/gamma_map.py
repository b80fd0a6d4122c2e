"""The Gamma-MAP filter."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop

from .arithmetic import FOUR, HALF, ONE, TINY, ZERO
from .local_statistics import RAYLEIGH_LOOKS, WindowFilter
from .moments import estimates_by_moments


@dataclass(frozen=True)
class GammaMap(WindowFilter):
    r"""The maximum a posteriori estimate of a Gamma-distributed scene under Gamma-distributed speckle of L looks.

    .. math:: y = \frac{b m + \sqrt{b^2 m^2 + 4 \alpha L m x}}{2 \alpha}, \quad
        \alpha = \frac{1 + C_u^2}{C_i^2 - C_u^2}, \quad b = \alpha - L - 1

    for :math:`C_u < C_i < C_{max}`, with :math:`C_i = s / m` in the square window around the pixel, borders mirrored.
    The result is :math:`m` below :math:`C_u = \sqrt{1/L}` and the pixel itself from :math:`C_{max} = \sqrt 2\, C_u` on.

    Parameters
    ----------
    looks
        :math:`L`: 1 for single-look intensity, 3.66 for the envelope, which is the input here.

    References
    ----------
    Lopes, Nezry, Touzi, Laur, "Structure detection and statistical adaptive speckle filtering in SAR images", Int. J.
    Remote Sens. 14(9):1735-1758, 1993.
    """

    name = "gamma-map"
    card = MethodCard(
        title="Gamma-MAP filter",
        family="local statistics",
        citation="Lopes, Nezry, Touzi, Laur, Int. J. Remote Sens. 14(9):1735-1758, 1993",
        doi="10.1080/01431169308953999",
        domain="envelope",
        default_from={"size": "usual", "looks": "model"},
    )
    space = over(size=Whole(3, 11, step=2), looks=Real(0.5, 20, log=True))

    looks: Annotated[float, Field(gt=0, le=1000)] = RAYLEIGH_LOOKS

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter envelope images."""
        return estimates_by_moments(stack, self.size, gamma_map, self.looks, 1 / self.looks, 2 / self.looks)


@loop
def gamma_map(
    mean: np.float32, variance: np.float32, value: np.float32, parameters: tuple[np.float32, ...]
) -> np.float32:
    """Return the estimate of a pixel; the parameters are the looks and the squares of both bounds."""
    looks, low, high = parameters
    variation = variance / (mean * mean + TINY)
    # everything divided by alpha, which is infinite where the variation is that of speckle
    inverse = max(variation - low, ZERO) / (ONE + low)
    linear = (ONE - (looks + ONE) * inverse) * mean
    root = np.sqrt(max(linear * linear + FOUR * looks * inverse * mean * value, ZERO))
    return HALF * (linear + root) if variation < high else value
