"""The median filter."""

from dataclasses import dataclass

import numpy as np

from usbench.core.method import MethodCard
from usbench.core.search_space import Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import STRIP, mirrored, scratch_lines
from .networks import median_row3, median_row5
from .selection import LANES, select_median
from .stack import StackMethod
from .window import OddSize

LARGEST = 15  # pixels; for larger windows, SciPy's selection needs fewer comparisons than ours


@dataclass(frozen=True)
class Median(StackMethod):
    """The median of a square window around each pixel, borders mirrored.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd. 3 to 7 are usual.
    """

    name = "median"
    card = MethodCard(
        title="Median",
        family="rank order",
        tuned_on=("natural+rayleigh/val", "mri+psf/val", "phantom+psf/val"),
        default_from={"size": "usual"},
    )
    space = over(size=Whole(3, 13, step=2))

    size: OddSize = 7

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter images."""
        if self.size > LARGEST:
            from scipy.ndimage import median_filter

            return median_filter(stack, (1, self.size, self.size), mode="reflect")
        if self.size in (3, 5):
            return small_median(stack, self.size)
        return median(mirrored(stack, self.size // 2), self.size)


@loop(parallel=True)
def small_median(stack: np.ndarray, size: int) -> np.ndarray:
    """Return the median of each window of 3 or 5 pixels."""
    frames, height, width = stack.shape
    result = np.empty_like(stack)
    strips = (height + STRIP - 1) // STRIP
    for task in prange(frames * strips):
        frame, start = task // strips, task % strips * STRIP
        lines = scratch_lines(size, width, size // 2)
        for row in range(start, min(start + STRIP, height)):
            if size == 3:
                median_row3(stack[frame], row, lines, result[frame, row])
            else:
                median_row5(stack[frame], row, lines, result[frame, row])
    return result


@loop(parallel=True)
def median(padded: np.ndarray, size: int) -> np.ndarray:
    """Return the median of each window; `padded` is padded by half a window."""
    frames, height, width = padded.shape[0], padded.shape[1] - size + 1, padded.shape[2] - size + 1
    result = np.empty((frames, height, width), np.float32)
    for task in prange(frames * height):
        frame, row = task // height, task % height
        values = np.empty((size * size, LANES), np.float32)
        for start in range(0, width, LANES):
            lanes = min(LANES, width - start)
            for down in range(size):
                for right in range(size):
                    first = start + right
                    values[down * size + right, :lanes] = padded[frame, row + down, first : first + lanes]
            select_median(values, lanes)
            result[frame, row, start : start + lanes] = values[0, :lanes]
    return result
