"""Frost's filter."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import HALF, ONE, STRIP, TINY, exp32, mirrored
from .local_statistics import WindowFilter
from .moments import SIDE, window_moments

if TYPE_CHECKING:
    from usbench.runtime.numba_loops import Loop

EIGHT = np.float32(8)


@dataclass(frozen=True)
class Frost(WindowFilter):
    r"""A mean with weights that decay exponentially with distance, the faster the more the window varies.

    .. math:: y_p = \frac{\sum_q w_{pq} x_q}{\sum_q w_{pq}}, \quad
        w_{pq} = \exp\left(-K\, C_i^2\, |p - q|\right), \quad C_i = s / m

    with :math:`m, s` the mean and standard deviation of the square window around the pixel, borders mirrored. The
    weights depend on the distance of pixels, not on their grey.

    Parameters
    ----------
    damping
        :math:`K`; 2 is usual for ultrasound.

    References
    ----------
    Frost, Stiles, Shanmugan, Holtzman, "A model for radar images and its application to adaptive digital filtering of
    multiplicative noise", IEEE Trans. PAMI 4(2):157-166, 1982.
    """

    name = "frost"
    card = MethodCard(
        title="Frost filter",
        family="local statistics",
        citation="Frost, Stiles, Shanmugan, Holtzman, IEEE Trans. PAMI 4(2):157-166, 1982",
        doi="10.1109/TPAMI.1982.4767223",
        domain="envelope",
        default_from={"size": "usual", "damping": "usual"},
    )
    space = over(size=Whole(3, 11, step=2), damping=Real(0.1, 10, log=True))

    damping: Annotated[float, Field(ge=0, le=100)] = 2.0

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter envelope images."""
        return weighted_by_distance(stack, self.size, frost_decay, self.damping)


@loop
def frost_decay(mean: np.float32, variance: np.float32, parameters: tuple[np.float32, ...]) -> np.float32:
    """Return the decay of a pixel's weights per pixel of distance; the only parameter is the damping."""
    damping = parameters[0]
    return damping * variance / (mean * mean + TINY)


@loop
def greatest_common_divisor(first: int, second: int) -> int:
    """Return the greatest common divisor of two whole numbers."""
    while second:
        first, second = second, first % second
    return first


@loop
def ring_mean(
    block: np.ndarray, decay: np.ndarray, folded: np.ndarray, scratch: np.ndarray, target: np.ndarray
) -> None:
    """Write one row of means with weights `exp(-decay * distance)`.

    The eight pixels at a distance of a rows and b columns, or b rows and a columns, have the same weight; if a is b or
    0, there are four, each visited twice. Pixels above and below the row are added first. At twice the distance the
    weight is squared.

    Parameters
    ----------
    block
        (SIDE, lateral + SIDE - 1), float32: the row and its surroundings.
    decay
        (lateral,), float32, per pixel of distance.
    folded
        (SIDE // 2 + 1, lateral + SIDE - 1), float32, to be overwritten.
    scratch
        (3, lateral), float32, to be overwritten.
    target
        (lateral,), float32, to be overwritten.
    """
    reach = SIDE // 2
    weights, unit, power = scratch[0], scratch[1], scratch[2]
    for far in range(reach + 1):
        upper, lower, both = block[reach - far], block[reach + far], folded[far]
        for column in range(both.size):
            both[column] = upper[column] + lower[column]
    for column in range(target.size):
        target[column] = block[reach, reach + column]
        weights[column] = ONE
    for far in range(1, reach + 1):
        for near in range(far + 1):
            if greatest_common_divisor(far, near) > 1:
                continue  # a multiple of an earlier offset
            radius = np.float32(-np.sqrt(far * far + near * near))
            share = HALF if near in (0, far) else ONE
            for column in range(target.size):
                unit[column] = exp32(radius * decay[column])
                power[column] = share
            for multiple in range(1, reach // far + 1):
                row, shift = multiple * far, multiple * near
                a, b = folded[row, reach - shift :], folded[row, reach + shift :]
                c, d = folded[shift, reach - row :], folded[shift, reach + row :]
                for column in range(target.size):
                    weight = power[column] * unit[column]
                    target[column] += weight * ((a[column] + b[column]) + (c[column] + d[column]))
                    weights[column] += weight * EIGHT
                    power[column] = weight
    for column in range(target.size):
        target[column] /= weights[column]


decay_of = frost_decay  # replaced by `frost.given`


@loop(parallel=True)
def frost(padded: np.ndarray, parameters: tuple[np.float32, ...]) -> np.ndarray:
    """Return the filtered frames; `padded` is padded by half a window."""
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
        mean, decay = np.empty(width, np.float32), np.empty(width, np.float32)
        for row in range(start, min(start + STRIP, height)):
            block = plane[row : row + SIDE]
            window_moments(block, plane[reach, reach], scratch, mean, decay)
            for column in range(width):
                decay[column] = decay_of(mean[column], decay[column], parameters)
            ring_mean(block, decay, folded, lines, result[frame, row])
    return result


def weighted_by_distance(stack: np.ndarray, size: int, decay_of: "Loop", *parameters: float) -> np.ndarray:
    """Return means with weights that decay exponentially with distance, with a decay for each pixel.

    Parameters
    ----------
    stack
        (frames, axial, lateral), float32; borders are mirrored.
    size
        Height and width of the window in pixels, odd.
    decay_of
        Returns the decay per pixel of distance from the mean and variance of the window around a pixel and the
        parameters.
    parameters
        Parameters of the filter.
    """
    whole = frost.given(SIDE=size, decay_of=decay_of)
    return whole(mirrored(stack, size // 2), tuple(np.float32(number) for number in parameters))
