"""Nagao and Matsuyama's filter: the mean of the most homogeneous of nine masks."""

from dataclasses import dataclass

import numpy as np

from usbench.core.method import MethodCard
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import ONE, ZERO, mirrored
from .stack import StackMethod

REACH = 2
Mask = tuple[tuple[int, int], ...]  # rows and columns from the pixel
PENTAGON: Mask = ((-2, -1), (-2, 0), (-2, 1), (-1, -1), (-1, 0), (-1, 1), (0, 0))
HEXAGON: Mask = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -1), (0, 0))
SQUARE: Mask = tuple((row, column) for row in (-1, 0, 1) for column in (-1, 0, 1))


@dataclass(frozen=True)
class Nagao(StackMethod):
    """The mean of the minimum-variance mask among nine masks around the pixel.

    The masks in the 5 x 5 window are the inner 3 x 3 square, a pentagon of seven pixels towards each of the four sides,
    and a hexagon of seven pixels towards each of the four corners, all with the pixel itself. Borders are mirrored.
    Ties go to the square, then to the pentagons.

    References
    ----------
    Nagao, Matsuyama, "Edge preserving smoothing", Comput. Graph. Image Process. 9(4):394-407, 1979.
    """

    name = "nagao"
    card = MethodCard(
        title="Minimum-variance homogeneous mask (Nagao)",
        family="local statistics",
        citation="Nagao, Matsuyama, Comput. Graph. Image Process. 9(4):394-407, 1979",
        doi="10.1016/0146-664X(79)90102-3",
    )

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter images."""
        places, bounds = masks()
        return nagao(mirrored(stack, REACH), places, bounds)


def masks() -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels of all masks, (pixels, 2) rows and columns from the window's corner, and where each begins."""
    quarter_turns: list[Mask] = [SQUARE]
    for first in (PENTAGON, HEXAGON):
        mask = first
        for _ in range(4):
            quarter_turns.append(mask)
            mask = tuple((column, -row) for row, column in mask)
    places = np.array([place for mask in quarter_turns for place in mask]) + REACH
    return places, np.cumsum([0, *(len(mask) for mask in quarter_turns)])


@loop(parallel=True)
def nagao(padded: np.ndarray, places: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Return the mean of each pixel's most homogeneous mask; `padded` is padded by two pixels."""
    frames, height, width = padded.shape[0], padded.shape[1] - 4, padded.shape[2] - 4
    result = np.empty((frames, height, width), np.float32)
    for task in prange(frames * height):
        plane, row = padded[task // height], task % height
        sums, squares = np.empty(width, np.float32), np.empty(width, np.float32)
        least, best = np.empty(width, np.float32), np.zeros(width, np.float32)
        least[:] = np.float32(np.inf)
        centre = plane[row + 2, 2 : 2 + width]
        for mask in range(bounds.size - 1):
            sums[:] = ZERO
            squares[:] = ZERO
            for place in range(bounds[mask], bounds[mask + 1]):
                line = plane[row + places[place, 0], places[place, 1] :]
                for column in range(width):
                    value = line[column] - centre[column]
                    sums[column] += value
                    squares[column] += value * value
            share = ONE / np.float32(bounds[mask + 1] - bounds[mask])
            for column in range(width):
                mean = sums[column] * share
                variance = squares[column] * share - mean * mean
                best[column] = mean if variance < least[column] else best[column]
                least[column] = min(variance, least[column])
        target = result[task // height, row]
        for column in range(width):
            target[column] = centre[column] + best[column]
    return result
