"""The hybrid median, which keeps lines and corners."""

from dataclasses import dataclass

import numpy as np

from usbench.core.method import MethodCard
from usbench.core.search_space import Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import mirrored
from .selection import LANES, select_median
from .stack import StackMethod
from .window import OddSize


@dataclass(frozen=True)
class HybridMedian(StackMethod):
    r"""The median of three values: the medians of the upright and of the diagonal cross, and the pixel itself.

    .. math:: y_p = \operatorname{med}(\operatorname{med}_{q \in +_p} x_q, \operatorname{med}_{q \in \times_p} x_q, x_p)

    Both crosses are centred on the pixel and extend to the edge of the square window. Borders are mirrored.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd; 3 to 7 are usual.

    References
    ----------
    Nieminen, Heinonen, Neuvo, "A new class of detail-preserving filters for image processing", IEEE Trans. PAMI
    9(1):74-90, 1987.
    """

    name = "hybrid-median"
    card = MethodCard(
        title="Hybrid median",
        family="rank order",
        citation="Nieminen, Heinonen, Neuvo, IEEE Trans. PAMI 9(1):74-90, 1987",
        doi="10.1109/TPAMI.1987.4767873",
        default_from={"size": "usual"},
    )
    space = over(size=Whole(3, 15, step=2))

    size: OddSize = 5

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter images."""
        return hybrid_median(mirrored(stack, self.size // 2), self.size // 2)


@loop(parallel=True)
def hybrid_median(padded: np.ndarray, reach: int) -> np.ndarray:
    """Return the hybrid median; `padded` has `reach` more pixels on every side."""
    frames, height, width = padded.shape[0], padded.shape[1] - 2 * reach, padded.shape[2] - 2 * reach
    result = np.empty((frames, height, width), np.float32)
    for task in prange(frames * height):
        plane, row = padded[task // height], task % height
        upright = np.empty((4 * reach + 1, LANES), np.float32)
        diagonal = np.empty((4 * reach + 1, LANES), np.float32)
        three = np.empty((3, LANES), np.float32)
        for start in range(0, width, LANES):
            lanes = min(LANES, width - start)
            for step in range(-reach, reach + 1):
                middle, east, west = start + reach, start + reach + step, start + reach - step
                line = plane[row + reach + step]
                upright[step + reach, :lanes] = line[middle : middle + lanes]
                diagonal[step + reach, :lanes] = line[east : east + lanes]
                if step != 0:  # the middle is part of the first arm
                    place = 3 * reach + step + (1 if step < 0 else 0)
                    upright[place, :lanes] = plane[row + reach, east : east + lanes]
                    diagonal[place, :lanes] = line[west : west + lanes]
            three[2, :lanes] = plane[row + reach, start + reach : start + reach + lanes]
            select_median(upright, lanes)
            select_median(diagonal, lanes)
            three[0, :lanes] = upright[0, :lanes]
            three[1, :lanes] = diagonal[0, :lanes]
            select_median(three, lanes)
            result[task // height, row, start : start + lanes] = three[0, :lanes]
    return result
