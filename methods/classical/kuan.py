"""Kuan's filter for multiplicative noise."""

from dataclasses import dataclass

import numpy as np

from usbench.core.method import MethodCard
from usbench.runtime.numba_loops import loop

from .arithmetic import TINY, ZERO
from .local_statistics import SpeckleFilter
from .moments import estimates_by_moments


@dataclass(frozen=True)
class Kuan(SpeckleFilter):
    r"""The local linear minimum mean square error estimate under multiplicative noise of mean 1.

    .. math:: y = m + k (x - m), \quad k = \max\left(0, \frac{s^2 - C_u^2 m^2}{s^2 (1 + C_u^2)}\right)
        = \max\left(0, \frac{1 - C_u^2 / C_i^2}{1 + C_u^2}\right)

    with :math:`m, s^2` the mean and variance of the square window around the pixel, borders mirrored, and
    :math:`C_i = s / m`. The variance of the signal is :math:`(s^2 - C_u^2 m^2) / (1 + C_u^2)`; :math:`k` is its
    fraction of :math:`s^2`.

    References
    ----------
    Kuan, Sawchuk, Strand, Chavel, "Adaptive noise smoothing filter for images with signal-dependent noise", IEEE Trans.
    PAMI 7(2):165-177, 1985, equation (20).
    """

    name = "kuan"
    card = MethodCard(
        title="Kuan filter",
        family="local statistics",
        citation="Kuan, Sawchuk, Strand, Chavel, IEEE Trans. PAMI 7(2):165-177, 1985",
        doi="10.1109/TPAMI.1985.4767641",
        domain="envelope",
        default_from={"size": "usual", "cu": "model"},
    )

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter envelope images."""
        return estimates_by_moments(stack, self.size, kuan, self.cu**2, 1 / (1 + self.cu**2))


@loop
def kuan(mean: np.float32, variance: np.float32, value: np.float32, parameters: tuple[np.float32, ...]) -> np.float32:
    """Return the estimate of a pixel; the parameters are :math:`C_u^2` and :math:`1 / (1 + C_u^2)`."""
    noise, scale = parameters
    gain = max(variance - noise * mean * mean, ZERO) * scale / (variance + TINY)
    return mean + gain * (value - mean)
