"""The enhanced Frost filter of Lopes."""

from dataclasses import dataclass

import numpy as np

from usbench.core.method import MethodCard
from usbench.runtime.numba_loops import loop

from .arithmetic import TINY, ZERO
from .frost import weighted_by_distance
from .local_statistics import HeterogeneityFilter

ALONE = np.float32(1e30)  # decay at which every other weight is 0


@dataclass(frozen=True)
class FrostEnhanced(HeterogeneityFilter):
    r"""Frost's filter between two bounds of :math:`C_i = s / m`, with the window's mean below and the pixel above them.

    .. math:: y_p = \begin{cases} m & C_i \le C_u \\ \sum_q w_{pq} x_q / \sum_q w_{pq}, \;
        w_{pq} = \exp\left(-K \frac{C_i - C_u}{C_{max} - C_i} |p - q|\right) & C_u < C_i < C_{max} \\
        x_p & C_i \ge C_{max} \end{cases}

    over the square window around the pixel, borders mirrored.

    References
    ----------
    Lopes, Touzi, Nezry, "Adaptive speckle filters and scene heterogeneity", IEEE Trans. Geosci. Remote Sens.
    28(6):992-1000, 1990.
    """

    name = "frost-enhanced"
    card = MethodCard(
        title="Enhanced Frost filter",
        family="local statistics",
        citation="Lopes, Touzi, Nezry, IEEE Trans. Geosci. Remote Sens. 28(6):992-1000, 1990",
        doi="10.1109/36.62623",
        domain="envelope",
        default_from={"size": "usual", "cu": "model", "cmax": "model", "damping": "usual"},
    )

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter envelope images."""
        return weighted_by_distance(stack, self.size, bounded_decay, self.cu, self.cmax, self.damping)


@loop
def bounded_decay(mean: np.float32, variance: np.float32, parameters: tuple[np.float32, ...]) -> np.float32:
    """Return the decay of a pixel's weights: 0 below `cu`, and from `cmax` on so great that the pixel is kept."""
    low, high, damping = parameters
    variation = np.sqrt(variance) / (mean + TINY)
    above, left = max(variation - low, ZERO), max(high - variation, TINY)
    return damping * above / left if variation < high else ALONE
