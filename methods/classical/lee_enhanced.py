"""The enhanced Lee filter of Lopes."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop

from .arithmetic import TINY, ZERO, exp32
from .lee import RAYLEIGH_CV
from .moments import estimates_by_moments
from .stack import StackMethod
from .window import OddSize

RAYLEIGH_CMAX = 1.2435  # sqrt(1 + 2 / L) with L = 1 / 0.5227^2, the looks that a Rayleigh envelope comes to


@dataclass(frozen=True)
class LeeEnhanced(StackMethod):
    r"""Three classes by the local coefficient of variation :math:`C_i = s / m`: homogeneous, textured, point target.

    .. math:: y = \begin{cases} m & C_i \le C_u \\
        W m + (1 - W) x, \; W = \exp\left(-K \frac{C_i - C_u}{C_{max} - C_i}\right) & C_u < C_i < C_{max} \\
        x & C_i \ge C_{max} \end{cases}

    with :math:`m, s` the mean and standard deviation of the square window around the pixel, borders mirrored.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd; 5 or 7 are in use.
    cu
        Coefficient of variation of the speckle: :math:`\sqrt{1/L}` for L looks, 0.5227 for a Rayleigh envelope.
    cmax
        Above it a pixel is kept: :math:`\sqrt{1 + 2/L}`.
    damping
        :math:`K`; 1 in the paper.

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
    )
    space = over(
        size=Whole(3, 11, step=2),
        cu=Real(0.1, 1, log=True),
        cmax=Real(1, 3, log=True),
        damping=Real(0.1, 10, log=True),
    )

    size: OddSize = 7
    cu: Annotated[float, Field(gt=0, le=2)] = RAYLEIGH_CV
    cmax: Annotated[float, Field(gt=0, le=10)] = RAYLEIGH_CMAX
    damping: Annotated[float, Field(ge=0, le=100)] = 1.0

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter envelope images."""
        return estimates_by_moments(stack, self.size, lee_enhanced, self.cu, self.cmax, self.damping)


@loop
def lee_enhanced(mean, variance, value, parameters):
    """Return the estimate of a pixel; the weight is 1 below `cu` and 0 above `cmax`."""
    low, high, damping = parameters
    variation = np.sqrt(variance) / (mean + TINY)
    above, left = max(variation - low, ZERO), max(high - variation, TINY)
    weight = exp32(-damping * above / left) if variation < high else ZERO
    return value + weight * (mean - value)
