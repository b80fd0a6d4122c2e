"""The enhanced Frost filter of Lopes."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.loops import loop, prange
from usbench.method import MethodCard
from usbench.space import Real, Whole, over

from .arithmetic import STRIP, TINY, ZERO, mirrored
from .frost import ring_mean
from .lee import RAYLEIGH_CV
from .lee_enhanced import RAYLEIGH_CMAX
from .moments import SIDE, window_moments
from .stack import StackMethod
from .window import OddSize


@dataclass(frozen=True)
class FrostEnhanced(StackMethod):
    r"""Frost's filter between two bounds of :math:`C_i = s / m`; the window's mean below them, the pixel above.

    .. math:: y_p = \begin{cases} m & C_i \le C_u \\ \sum_q w_{pq} x_q / \sum_q w_{pq}, \;
        w_{pq} = \exp\left(-K \frac{C_i - C_u}{C_{max} - C_i} |p - q|\right) & C_u < C_i < C_{max} \\
        x_p & C_i \ge C_{max} \end{cases}

    over the square window around the pixel, borders mirrored.

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

    name = "frost-enhanced"
    card = MethodCard(
        title="Enhanced Frost filter",
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
        whole = frost_enhanced.given(SIDE=self.size)
        bounds = (np.float32(self.cu), np.float32(self.cmax))
        return whole(mirrored(stack, self.size // 2), *bounds, np.float32(self.damping))


@loop(parallel=True)
def frost_enhanced(padded, low, high, damping):
    """Return the filtered frames: no decay gives the mean, and where `high` is passed the pixel is put back."""
    frames, height, width = padded.shape[0], padded.shape[1] - SIDE + 1, padded.shape[2] - SIDE + 1
    reach = SIDE // 2
    result = np.empty((frames, height, width), np.float32)
    strips = (height + STRIP - 1) // STRIP
    for task in prange(frames * strips):
        frame, start = task // strips, task % strips * STRIP
        plane = padded[frame]
        scratch = np.empty((2, width + SIDE - 1), np.float32)
        lines = np.empty((3, width), np.float32)
        folded = np.empty((reach + 1, width + SIDE - 1), np.float32)
        mean, variation, decay = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
        for row in range(start, min(start + STRIP, height)):
            block = plane[row : row + SIDE]
            window_moments(block, plane[reach, reach], scratch, mean, variation)
            for column in range(width):
                variation[column] = np.sqrt(variation[column]) / (mean[column] + TINY)
                above, left = max(variation[column] - low, ZERO), max(high - variation[column], TINY)
                decay[column] = damping * above / left
            target, source = result[frame, row], block[reach, reach : reach + width]
            ring_mean(block, decay, folded, lines, target)
            for column in range(width):
                target[column] = target[column] if variation[column] < high else source[column]
    return result
