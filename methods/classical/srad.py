"""Speckle reducing anisotropic diffusion."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.loops import loop, prange
from usbench.method import MethodCard
from usbench.space import Real, Whole, over

from .arithmetic import HALF, ONE, QUARTER, STRIP, TINY, ZERO
from .grid import repeat_ends, with_edges
from .stack import StackMethod

DARKEST = np.float32(1e-6)  # envelope; the scheme divides by grey


@dataclass(frozen=True)
class Srad(StackMethod):
    r"""Diffusion :math:`\partial_t I = \nabla \cdot (c(q) \nabla I)` that stops where speckle does.

    .. math:: q^2 = \frac{\frac12 (|\nabla I| / I)^2 - \frac1{16} (\nabla^2 I / I)^2}
        {(1 + \frac14 \nabla^2 I / I)^2}, \quad
        c = \left[1 + \frac{q^2 - q_0^2}{q_0^2 (1 + q_0^2)}\right]^{-1}

    with :math:`|\nabla I|^2` the sum of squares of the differences to the four neighbours and :math:`\nabla^2 I` their
    sum; :math:`c` is that of the southern and eastern neighbour for flow from there and the pixel's own for flow from
    north and west (the paper's scheme), at most 1; nothing flows across the border. One step adds
    :math:`\frac{\Delta t}{4}` of the flow, and the speckle scale decays as :math:`q_0(t) = q_0 e^{-\rho t}`.

    Parameters
    ----------
    iterations
        Time steps; the paper uses 200, others 30 to 300.
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
        grid = with_edges(stack, DARKEST)
        scales = self.q0 * np.exp(-self.rho * self.time_step * np.arange(self.iterations))
        return np.ascontiguousarray(srad(grid, scales, self.time_step)[:, :, 1:-1])


@loop(parallel=True)
def srad(current, scales, time_step):
    """Return the grid after one explicit step per speckle scale; each strip makes its own flows as it goes.

    What flows from a pixel to its northern or western neighbour comes out of the pixel itself, so that each flow is
    worked out once.
    """
    frames, height, extent = current.shape
    following = np.empty_like(current)
    share = np.float32(0.25 * time_step)
    strips = (height + STRIP - 1) // STRIP
    for step in range(scales.size):
        scale = scales[step] * scales[step]
        for task in prange(frames * strips):
            frame, start = task // strips, task % strips * STRIP
            stop = min(start + STRIP, height)
            plane = current[frame]
            here, below = np.empty((2, extent), np.float32), np.empty((2, extent), np.float32)
            flows(plane, start, scale, here)
            for row in range(start, stop):
                if row + 1 < height:
                    flows(plane, row + 1, scale, below)
                else:
                    below[0] = ZERO
                north, south, across = here[0], below[0], here[1]
                source, target = plane[row], following[frame, row]
                for column in range(1, extent - 1):
                    flow = (north[column] - south[column]) + (across[column] - across[column + 1])
                    target[column] = source[column] + share * flow
                repeat_ends(target)
                here, below = below, here
        current, following = following, current
    return current


@loop
def flows(plane, row, scale, target):
    """Write what flows into each pixel of a row from north, and from west.

    With both parts of q^2 multiplied by the squared mean of the neighbours, one division is left.
    """
    height, extent = plane.shape
    speckle, square = np.float32(scale * (1 + scale)), np.float32(scale * scale)
    centre, above, below = plane[row], plane[max(row - 1, 0)], plane[min(row + 1, height - 1)]
    north, west = target[0], target[1]
    for column in range(1, extent - 1):
        value = centre[column]
        up, down = above[column] - value, below[column] - value
        left, right = centre[column - 1] - value, centre[column + 1] - value
        change = QUARTER * ((up + down) + (left + right))
        squares = (up * up + down * down) + (left * left + right * right)
        mean = value + change
        level = mean * mean
        variation = HALF * squares - change * change
        coefficient = min(ONE, (speckle * level + TINY) / (square * level + variation + TINY))
        north[column] = coefficient * up
        west[column] = coefficient * left
    west[extent - 1] = ZERO
