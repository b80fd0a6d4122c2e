"""Lee's filter for multiplicative noise."""

from dataclasses import dataclass

import numpy as np

from usbench.core.method import MethodCard
from usbench.runtime.numba_loops import loop

from .arithmetic import TINY, ZERO
from .local_statistics import SpeckleFilter
from .moments import estimates_by_moments


@dataclass(frozen=True)
class Lee(SpeckleFilter):
    r"""Lee's linear minimum mean square error estimate under multiplicative noise of mean 1.

    .. math:: y = m + k (x - m), \quad k = \frac{Q}{Q + C_u^2 m^2}, \quad Q = \max\left(0,
        \frac{s^2 - C_u^2 m^2}{1 + C_u^2}\right)

    with :math:`m, s^2` the mean and variance of the square window around the pixel, borders mirrored, and :math:`Q` the
    variance of the signal. The observation is linearised about :math:`m`, so the noise has the variance
    :math:`C_u^2 m^2`; without the linearisation it is Kuan's filter.

    References
    ----------
    Lee, "Digital image enhancement and noise filtering by use of local statistics", IEEE Trans. PAMI 2(2):165-168,
    1980, section on multiplicative noise.
    """

    name = "lee"
    card = MethodCard(
        title="Lee filter",
        family="local statistics",
        citation="Lee, IEEE Trans. PAMI 2(2):165-168, 1980",
        doi="10.1109/TPAMI.1980.4766994",
        domain="envelope",
        default_from={"size": "usual", "cu": "model"},
    )

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter envelope images."""
        return estimates_by_moments(stack, self.size, lee, self.cu**2, 1 / (1 + self.cu**2))


@loop
def lee(mean: np.float32, variance: np.float32, value: np.float32, parameters: tuple[np.float32, ...]) -> np.float32:
    """Return the estimate of a pixel; the parameters are :math:`C_u^2` and :math:`1 / (1 + C_u^2)`."""
    noise, scale = parameters
    speckle = noise * mean * mean
    signal = max(variance - speckle, ZERO) * scale
    return mean + signal / (signal + speckle + TINY) * (value - mean)
