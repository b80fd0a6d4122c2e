"""Crimmins' geometric filter."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Whole, over
from usbench.runtime.numba_loops import loop, prange

from .stack import StackMethod

LEVELS = 255  # of the paper's grey scale; one pass raises or lowers by one level
FRACTION = 1024  # grey is stored as multiples of 1/1024 of a level, so that all comparisons are exact
DIRECTIONS = np.array([(-1, 0), (0, 1), (-1, 1), (-1, -1)])


@dataclass(frozen=True)
class Crimmins(StackMethod):
    r"""Complementary hulling: fills narrow valleys and lowers narrow peaks by one grey level at a time.

    For each pixel :math:`b` between neighbours :math:`a, c` in one of four directions (N-S, E-W and the diagonals), the
    rules are applied one after the other to the whole image:

    1. raise :math:`b` by 1 if :math:`a \ge b + 2`;
    2. raise :math:`b` by 1 if :math:`a > b` and :math:`b \le c`;
    3. raise :math:`b` by 1 if :math:`c > b` and :math:`b \le a`;
    4. raise :math:`b` by 1 if :math:`c \ge b + 2`;

    in all directions, and then with all signs inverted for lowering. Levels are 0 to 255, with a resolution of 1/1024.
    Beyond the border a neighbour is the edge pixel itself.

    Parameters
    ----------
    iterations
        Rounds of raising and lowering. Few are used, because each also blurs.

    References
    ----------
    Crimmins, "Geometric filter for speckle reduction", Appl. Opt. 24(10):1438-1443, 1985.
    """

    name = "crimmins"
    card = MethodCard(
        title="Geometric filter (Crimmins)",
        family="geometric",
        citation="Crimmins, Appl. Opt. 24(10):1438-1443, 1985",
        doi="10.1364/AO.24.001438",
        default_from={"iterations": "ours"},
    )
    space = over(iterations=Whole(1, 30))

    iterations: Annotated[int, Field(ge=1, le=1000)] = 4

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter images; NaN counts as black."""
        scale = LEVELS * FRACTION
        grey = np.nan_to_num(stack.astype(np.float64), nan=0.0, posinf=1.0, neginf=0.0)
        levels = np.rint(grey * scale).astype(np.int32)
        return (hull(levels, self.iterations, DIRECTIONS, FRACTION) / scale).astype(np.float32)


@loop(parallel=True)
def hull(levels: np.ndarray, iterations: int, directions: np.ndarray, fraction: int) -> np.ndarray:
    """Return the levels, int32, after all rounds of the four rules in each direction, first raising, then lowering."""
    frames, height, width = levels.shape
    following = np.empty_like(levels)
    one, two = np.int32(fraction), np.int32(2 * fraction)
    for number in range(iterations * 2 * directions.shape[0] * 4):
        rule, rest = number % 4, number // 4
        down, right = directions[rest % 4, 0], directions[rest % 4, 1]
        sign = np.int32(1 if rest // 4 % 2 == 0 else -1)
        for task in prange(frames * height):
            plane, row = levels[task // height], task % height
            centre, target = plane[row], following[task // height, row]
            first, second = np.empty(width, np.int32), np.empty(width, np.int32)
            neighbours(plane, row, down, right, first)
            neighbours(plane, row, -down, -right, second)
            if rule >= 2:
                first, second = second, first
            for column in range(width):
                to_first = sign * (first[column] - centre[column])
                if rule == 0 or rule == 3:
                    moves = to_first >= two
                else:
                    moves = (to_first > 0) & (sign * (second[column] - centre[column]) >= 0)
                target[column] = centre[column] + (sign * one if moves else np.int32(0))
        levels, following = following, levels
    return levels


@loop
def neighbours(plane: np.ndarray, row: int, down: int, right: int, target: np.ndarray) -> None:
    """Write the neighbours of a row in a direction to `target`; beyond the border, the pixel itself."""
    height, width = plane.shape
    inside = 0 <= row + down < height
    for column in range(width):
        target[column] = plane[row, column]
    if inside:
        source = plane[row + down]
        for column in range(max(0, -right), min(width, width - right)):
            target[column] = source[column + right]
