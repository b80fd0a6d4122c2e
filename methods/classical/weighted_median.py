"""The adaptive weighted median."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import mirrored
from .stack import StackMethod
from .window import OddSize

GREY_LEVELS = 255  # the paper's grey scale, in whose unit the ratio of variance to mean is given
LANES = 64  # columns that are processed in parallel


@dataclass(frozen=True)
class WeightedMedian(StackMethod):
    r"""The weighted median of a square window, with weights that decay faster where there is more than speckle.

    .. math:: w_q = \left[w_0 - b\, |p - q|\, \frac{s^2}{m}\right]_+

    rounded to the nearest integer, with :math:`m, s^2` the mean and variance of the window in grey levels of 0 to 255,
    and borders mirrored. In fully developed, log-compressed speckle :math:`s^2 / m` is low and the filter is nearly a
    plain median; at an edge it is high and the centre pixel dominates. The weighted median is the least value at which
    the cumulative weight reaches half of the total.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd; 9 in the paper.
    centre
        Weight :math:`w_0` of the pixel itself; 99 in the paper.
    slope
        Constant :math:`b`; 10 in the paper.

    References
    ----------
    Loupas, McDicken, Allan, "An adaptive weighted median filter for speckle suppression in medical ultrasonic images",
    IEEE Trans. Circuits Syst. 36(1):129-135, 1989.
    """

    name = "weighted-median"
    card = MethodCard(
        title="Adaptive weighted median (Loupas)",
        family="rank order",
        citation="Loupas, McDicken, Allan, IEEE Trans. Circuits Syst. 36(1):129-135, 1989",
        doi="10.1109/31.16577",
        default_from={"size": "paper", "centre": "paper", "slope": "paper"},
    )
    space = over(size=Whole(3, 13, step=2), slope=Real(0.5, 50, log=True))

    size: OddSize = 9
    centre: Annotated[float, Field(ge=1, le=10_000)] = 99.0
    slope: Annotated[float, Field(ge=0, le=10_000)] = 10.0

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter images."""
        reach = self.size // 2
        offsets = np.arange(-reach, reach + 1)
        distance = np.hypot(offsets[:, None], offsets).ravel()
        return weighted_median(mirrored(stack, reach), distance, self.centre, self.slope * GREY_LEVELS)


@loop(parallel=True)
def weighted_median(padded: np.ndarray, distance: np.ndarray, centre: float, slope: float) -> np.ndarray:
    """Return the weighted median of each window; `padded` is padded by half a window.

    Non-negative floats have the same order as their bits, so the median is found bit by bit from the highest: it is the
    greatest number with less than half of the weight below it.
    """
    count = distance.size
    size = int(np.sqrt(count))
    frames, height, width = padded.shape[0], padded.shape[1] - size + 1, padded.shape[2] - size + 1
    result = np.empty((frames, height, width), np.float32)
    for task in prange(frames * height):
        plane, row = padded[task // height], task % height
        values = np.empty((count, LANES), np.int32)
        weights = np.empty((count, LANES), np.float32)
        mean, spread, half = np.empty(LANES), np.empty(LANES), np.empty(LANES, np.float32)
        below, found = np.empty(LANES, np.float32), np.empty(LANES, np.int32)
        for start in range(0, width, LANES):
            lanes = min(LANES, width - start)
            mean[:] = 0
            spread[:] = 0
            half[:] = np.float32(0)
            for place in range(count):
                line = plane[row + place // size, start + place % size :]
                for lane in range(lanes):
                    mean[lane] += line[lane]
                values[place, :lanes] = line[:lanes].view(np.int32)
            for place in range(count):
                line = plane[row + place // size, start + place % size :]
                for lane in range(lanes):
                    spread[lane] += (line[lane] - mean[lane] / count) ** 2
            for lane in range(lanes):
                spread[lane] = slope * spread[lane] / (mean[lane] + 1e-30)
            for place in range(count):
                line = weights[place]
                for lane in range(lanes):
                    weight = np.float32(np.floor(max(centre - distance[place] * spread[lane], 0.0) + 0.5))
                    line[lane] = weight
                    half[lane] += weight
            for lane in range(lanes):
                half[lane] *= np.float32(0.5)
                found[lane] = 0
            for bit in range(30, -1, -1):
                step = np.int32(1 << bit)
                below[:] = np.float32(0)
                for place in range(count):
                    bits, line = values[place], weights[place]
                    for lane in range(lanes):
                        below[lane] += line[lane] if bits[lane] < found[lane] + step else np.float32(0)
                for lane in range(lanes):
                    found[lane] += step if below[lane] < half[lane] else np.int32(0)
            result[task // height, row, start : start + lanes] = found[:lanes].view(np.float32)
    return result
