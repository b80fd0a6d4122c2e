"""Speckle reducing anisotropic diffusion."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import ONE, QUARTER, TINY, ZERO
from .stack import StackMethod
from .tiles import FIRST, LINE, TURNS, WIDE, cut, fill, lines_for, put_back, repeat_edges, tile_height

DARKEST = np.float32(1e-6)  # envelope; the scheme divides by the envelope
EIGHTH = np.float32(0.125)
BEFORE, AFTER = 3, 2  # lines of a tile before its first row and after its last


@dataclass(frozen=True)
class Srad(StackMethod):
    r"""Diffusion :math:`\partial_t I = \nabla \cdot (c(q) \nabla I)` that smooths speckle and stops at edges.

    .. math:: q^2 = \frac{\frac12 (|\nabla I| / I)^2 - \frac1{16} (\nabla^2 I / I)^2}
        {(1 + \frac14 \nabla^2 I / I)^2}, \quad
        c = \left[1 + \frac{q^2 - q_0^2}{q_0^2 (1 + q_0^2)}\right]^{-1}

    with :math:`|\nabla I|^2` the sum of squares of the differences to the four neighbours and :math:`\nabla^2 I` their
    sum. In the paper's scheme flow from south and east has the coefficient :math:`c` of that neighbour, and flow from
    north and west the pixel's own; :math:`c` is at most 1, and there is no flow across the border. One step adds
    :math:`\frac{\Delta t}{4}` of the flow, and the speckle scale decays as :math:`q_0(t) = q_0 e^{-\rho t}`.

    Parameters
    ----------
    iterations
        Time steps; 200 in the paper, 30 to 300 elsewhere.
    time_step
        :math:`\Delta t`; 0.05 in the paper.
    q0
        Coefficient of variation of fully developed speckle at the start; 1 for intensity, 0.5227 for an envelope.
    rho
        Decay of :math:`q_0`; 1/6 in the paper.

    References
    ----------
    Yu, Acton, "Speckle reducing anisotropic diffusion", IEEE Trans. Image Process. 11(11):1260-1270, 2002.
    """

    name = "srad"
    card = MethodCard(
        title="Speckle reducing anisotropic diffusion",
        family="diffusion",
        citation="Yu, Acton, IEEE Trans. Image Process. 11(11):1260-1270, 2002",
        doi="10.1109/TIP.2002.804276",
        domain="envelope",
        default_from={"iterations": "paper", "time_step": "paper", "q0": "model", "rho": "paper"},
    )
    space = over(
        iterations=Whole(20, 1000, log=True),
        time_step=Real(0.02, 0.25, log=True),
        q0=Real(0.2, 1.5, log=True),
    )

    iterations: Annotated[int, Field(ge=1, le=10_000)] = 200
    time_step: Annotated[float, Field(gt=0, le=0.25)] = 0.05
    q0: Annotated[float, Field(gt=0, le=2)] = 0.5227
    rho: Annotated[float, Field(ge=0, le=10)] = 1 / 6

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Diffuse envelope images."""
        scales = self.q0 * np.exp(-self.rho * self.time_step * np.arange(self.iterations))
        tall = tile_height(len(stack), stack.shape[1])
        return srad(np.maximum(stack, DARKEST), scales, self.time_step, tall)


@loop(parallel=True)
def srad(current: np.ndarray, scales: np.ndarray, time_step: float, tall: int) -> np.ndarray:
    """Return the frames after one explicit step per speckle scale; the input is overwritten."""
    frames, height, width = current.shape
    following = np.empty_like(current)
    share = np.float32(0.25 * time_step)
    down, across = (height + tall - 1) // tall, (width + WIDE - 1) // WIDE
    for first in range(0, scales.size, TURNS):
        some = scales[first : first + TURNS]
        for task in prange(frames * down * across):
            frame, top, left = task // (down * across), task // across % down * tall, task % across * WIDE
            bottom, begin, end = cut(top, height, tall, some.size, 2 * some.size)
            right, first_column, last_column = cut(left, width, WIDE, some.size, 2 * some.size)
            flat = lines_for(end - begin + BEFORE + AFTER)
            fill(flat, BEFORE, 1, current[frame, begin:end, first_column:last_column])
            size = (end - begin, last_column - first_column)
            diffuse(flat, size, (top - begin, end - bottom), some, share)
            put_back(flat, BEFORE + top - begin, 1, left - first_column, following[frame, top:bottom, left:right])
        current, following = following, current
    return current


@loop
def diffuse(
    flat: np.ndarray, size: tuple[int, int], margins: tuple[int, int], scales: np.ndarray, share: np.float32
) -> None:
    """Take one step per speckle scale on a tile of `size` rows and columns, of which `margins` rows may become wrong.

    The flow from a pixel to its northern or western neighbour is lost by the pixel, so each flow is computed once and
    kept in the first two lines. The third line is for the row above the first.
    """
    rows, columns = size
    for turn in range(scales.size):
        scale = scales[turn] * scales[turn]
        speckle, square = np.float32(2 * scale * (1 + scale)), np.float32(2 * scale * scale)
        repeat_edges(flat, BEFORE, rows, columns)
        flows = flat[FIRST:]
        flows[:columns], flows[LINE : LINE + columns + 1] = ZERO, ZERO
        left = scales.size - 1 - turn
        for row in range(max(margins[0] - left, 0) - 1, min(rows - margins[1] + 2 * left, rows)):
            step(flat[(BEFORE + row) * LINE + FIRST - 1 :], flows, columns, speckle, square, share)


@loop
def step(
    lines: np.ndarray, flows: np.ndarray, columns: int, speckle: np.float32, square: np.float32, share: np.float32
) -> None:
    """Advance a line by one step with the flows into it in `flows`, and replace them by the flows into the next line.

    `lines` starts one pixel before the line. `flows` has the flows from north, and one line further those from west.
    Both parts of q^2 are multiplied by twice the squared mean of the neighbours, so that one division is enough.
    """
    for column in range(columns):
        above, value, below = lines[column + 1], lines[column + 1 + LINE], lines[column + 1 + 2 * LINE]
        up, down = above - value, below - value
        left, right = lines[column + LINE] - value, lines[column + 2 + LINE] - value
        change = (up + down) + (left + right)
        squares = (up * up + down * down) + (left * left + right * right) + TINY
        mean = value + QUARTER * change
        level = mean * mean
        variation = squares - EIGHTH * (change * change)
        coefficient = min(ONE, (speckle * level + TINY) / (square * level + variation))
        south = coefficient * up
        across = flows[column + LINE] - flows[column + LINE + 1]
        lines[column + 1] = above + share * ((flows[column] - south) + across)
        flows[column], flows[column + LINE] = south, coefficient * left
