"""Frost's filter."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.method import MethodCard
from usbench.space import Real, Whole, over

from .loops import STRIP, TINY, exp32, loop, mirrored, prange
from .moments import window_moments
from .stack import StackMethod
from .window import OddSize


@dataclass(frozen=True)
class Frost(StackMethod):
    r"""A mean whose weights fall off exponentially with distance, the faster the more the window varies.

    .. math:: y_p = \frac{\sum_q w_{pq} x_q}{\sum_q w_{pq}}, \quad
        w_{pq} = \exp\left(-K\, C_i^2\, |p - q|\right), \quad C_i = s / m

    with :math:`m, s` the mean and standard deviation of the square window around the pixel, borders mirrored. The
    weights depend on the distance of pixels, never on their grey.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd; 5 or 7 are in use.
    damping
        :math:`K`; 2 is in use for ultrasound.

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
    )
    space = over(size=Whole(3, 11, step=2), damping=Real(0.1, 10, log=True))

    size: OddSize = 7
    damping: Annotated[float, Field(ge=0, le=100)] = 2.0

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter envelope images."""
        reach = self.size // 2
        return frost(stack, mirrored(stack, reach), *rings(reach), self.damping)


def rings(reach: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the window's places by their distance from the middle, for all pixels of a ring share a weight.

    Returns
    -------
    places, bounds, radii
        (places, 2) rows and columns from the window's corner, ring by ring; where each ring begins and the last ends;
        each ring's radius in pixels, float32. The middle itself is left out.
    """
    offsets = np.arange(-reach, reach + 1)
    squares = (offsets[:, None] ** 2 + offsets**2).ravel()
    order = np.argsort(squares, kind="stable")[1:]
    distinct, first = np.unique(squares[order], return_index=True)
    places = np.stack(np.divmod(order, offsets.size), axis=1)
    return places, np.append(first, order.size), np.sqrt(distinct).astype(np.float32)


@loop
def four_lines(padded, row, places, place):
    """Return the parts of rows that four places of the window, from `place` on, meet as it moves along a row."""
    return (
        padded[row + places[place, 0], places[place, 1] :],
        padded[row + places[place + 1, 0], places[place + 1, 1] :],
        padded[row + places[place + 2, 0], places[place + 2, 1] :],
        padded[row + places[place + 3, 0], places[place + 3, 1] :],
    )


@loop
def ring_mean(padded, row, places, bounds, radii, decay, ring, weights, target):
    """Write one row of means with weights `exp(-decay * distance)`; all rings have a multiple of four pixels.

    `padded` is one frame with half a window more on every side; `ring` and `weights` are scratch of a row's length.
    """
    width = target.size
    reach = (padded.shape[1] - width) // 2
    centre = padded[row + reach, reach : reach + width]
    for column in range(width):
        target[column] = centre[column]
        weights[column] = np.float32(1)
    for number in range(radii.size):
        radius, first, stop = radii[number], bounds[number], bounds[number + 1]
        count = np.float32(stop - first)
        a, b, c, d = four_lines(padded, row, places, first)
        if stop - first == 4:  # as most rings: no sum has to be kept
            for column in range(width):
                weight = exp32(-radius * decay[column])
                target[column] += weight * ((a[column] + b[column]) + (c[column] + d[column]))
                weights[column] += weight * count
            continue
        for column in range(width):
            ring[column] = (a[column] + b[column]) + (c[column] + d[column])
        for place in range(first + 4, stop - 4, 4):
            a, b, c, d = four_lines(padded, row, places, place)
            for column in range(width):
                ring[column] += (a[column] + b[column]) + (c[column] + d[column])
        a, b, c, d = four_lines(padded, row, places, stop - 4)
        for column in range(width):
            weight = exp32(-radius * decay[column])
            target[column] += weight * (ring[column] + ((a[column] + b[column]) + (c[column] + d[column])))
            weights[column] += weight * count
    for column in range(width):
        target[column] /= weights[column]


@loop(parallel=True)
def frost(stack, padded, places, bounds, radii, damping):
    """Return the filtered stack, strip by strip."""
    frames, height, width = stack.shape
    reach = (padded.shape[2] - width) // 2
    result = np.empty_like(stack)
    factor = np.float32(damping)
    strips = (height + STRIP - 1) // STRIP
    for task in prange(frames * strips):
        frame, start = task // strips, task % strips * STRIP
        scratch = np.empty((2, width + 2 * reach), np.float32)
        mean, decay = np.empty(width, np.float32), np.empty(width, np.float32)
        ring, weights = np.empty(width, np.float32), np.empty(width, np.float32)
        for row in range(start, min(start + STRIP, height)):
            window_moments(stack[frame], row, reach, scratch, mean, decay)
            for column in range(width):
                decay[column] = factor * decay[column] / (mean[column] * mean[column] + TINY)
            ring_mean(padded[frame], row, places, bounds, radii, decay, ring, weights, result[frame, row])
    return result
