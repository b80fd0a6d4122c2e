"""The enhanced Lee filter of Lopes."""

from dataclasses import dataclass

import numpy as np

from usbench.core.method import MethodCard
from usbench.runtime.numba_loops import loop

from .arithmetic import TINY, ZERO, exp32
from .local_statistics import HeterogeneityFilter
from .moments import estimates_by_moments


@dataclass(frozen=True)
class LeeEnhanced(HeterogeneityFilter):
    r"""Three classes by the local coefficient of variation :math:`C_i = s / m`: homogeneous, textured, point target.

    .. math:: y = \begin{cases} m & C_i \le C_u \\
        W m + (1 - W) x, \; W = \exp\left(-K \frac{C_i - C_u}{C_{max} - C_i}\right) & C_u < C_i < C_{max} \\
        x & C_i \ge C_{max} \end{cases}

    with :math:`m, s` the mean and standard deviation of the square window around the pixel, borders mirrored.

    References
    ----------
    Lopes, Touzi, Nezry, "Adaptive speckle filters and scene heterogeneity", IEEE Trans. Geosci. Remote Sens.
    28(6):992-1000, 1990.
    """

    name = "lee-enhanced"
    card = MethodCard(
        title="Enhanced Lee filter",
        family="local statistics",
        citation="Lopes, Touzi, Nezry, IEEE Trans. Geosci. Remote Sens. 28(6):992-1000, 1990",
        doi="10.1109/36.62623",
        domain="envelope",
        default_from={"size": "usual", "cu": "model", "cmax": "model", "damping": "usual"},
    )

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter envelope images."""
        return estimates_by_moments(stack, self.size, lee_enhanced, self.cu, self.cmax, self.damping)


@loop
def lee_enhanced(
    mean: np.float32, variance: np.float32, value: np.float32, parameters: tuple[np.float32, ...]
) -> np.float32:
    """Return the estimate of a pixel; the weight is 1 below `cu` and 0 above `cmax`."""
    low, high, damping = parameters
    variation = np.sqrt(variance) / (mean + TINY)
    above, left = max(variation - low, ZERO), max(high - variation, TINY)
    weight = exp32(-damping * above / left) if variation < high else ZERO
    return value + weight * (mean - value)
