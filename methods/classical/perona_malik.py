"""Perona and Malik's anisotropic diffusion."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Choice, Real, Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import ONE, STRIP, exp32
from .grid import repeat_ends, with_edges
from .stack import StackMethod

LOWEST = np.float32(-np.inf)


@dataclass(frozen=True)
class PeronaMalik(StackMethod):
    r"""Diffusion :math:`\partial_t I = \nabla \cdot (c(|\nabla I|) \nabla I)` that stops at edges.

    .. math:: I \leftarrow I + \lambda \sum_{d \in N, S, E, W} c(|\nabla_d I|)\, \nabla_d I, \quad
        c(g) = e^{-(g / \kappa)^2} \text{ or } \frac{1}{1 + (g / \kappa)^2}

    with :math:`\nabla_d I` the difference to a neighbour. There is no flow across the border.

    Parameters
    ----------
    iterations
        Time steps; 15 to 50 are usual.
    kappa
        :math:`\kappa`, the difference that counts as an edge, on a grey scale of 0 to 1; 15 to 30 of 255 are usual.
    step
        :math:`\lambda`, at most 1/4.
    conduction
        `exponential` favours high-contrast edges, `rational` wide regions.

    References
    ----------
    Perona, Malik, "Scale-space and edge detection using anisotropic diffusion", IEEE Trans. PAMI 12(7):629-639, 1990.
    """

    name = "perona-malik"
    card = MethodCard(
        title="Anisotropic diffusion (Perona-Malik)",
        family="diffusion",
        citation="Perona, Malik, IEEE Trans. PAMI 12(7):629-639, 1990",
        doi="10.1109/34.56205",
        default_from={"iterations": "usual", "kappa": "usual", "step": "paper", "conduction": "paper"},
    )
    space = over(
        iterations=Whole(5, 200, log=True),
        kappa=Real(0.02, 1, log=True),
        conduction=Choice(("exponential", "rational")),
    )

    iterations: Annotated[int, Field(ge=1, le=10_000)] = 50
    kappa: Annotated[float, Field(gt=0, le=10)] = 0.1
    step: Annotated[float, Field(gt=0, le=0.25)] = 0.25
    conduction: Literal["exponential", "rational"] = "exponential"

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Diffuse display images."""
        grid = with_edges(stack, LOWEST)
        diffused = perona_malik(grid, self.iterations, self.kappa, self.step, self.conduction == "exponential")
        return np.ascontiguousarray(diffused[:, :, 1:-1])


@loop(parallel=True)
def perona_malik(current: np.ndarray, iterations: int, kappa: float, step: float, exponential: bool) -> np.ndarray:
    """Return the grid after explicit steps; the flow between two pixels is computed once within a strip."""
    frames, height, extent = current.shape
    following = np.empty_like(current)
    inverse, share = np.float32(1 / kappa**2), np.float32(step)
    strips = (height + STRIP - 1) // STRIP
    for _ in range(iterations):
        for task in prange(frames * strips):
            frame, start = task // strips, task % strips * STRIP
            plane = current[frame]
            north, south = np.empty(extent, np.float32), np.empty(extent, np.float32)
            east = np.empty(extent, np.float32)
            flows(plane[max(start - 1, 0)], plane[start], inverse, exponential, north)
            for row in range(start, min(start + STRIP, height)):
                centre, target = plane[row], following[frame, row]
                flows(centre, plane[min(row + 1, height - 1)], inverse, exponential, south)
                flows(centre[: extent - 1], centre[1:], inverse, exponential, east)
                for column in range(1, extent - 1):
                    change = south[column] - north[column] + east[column] - east[column - 1]
                    target[column] = centre[column] + share * change
                repeat_ends(target)
                north, south = south, north
        current, following = following, current
    return current


@loop
def flows(first: np.ndarray, second: np.ndarray, inverse: np.float32, exponential: bool, target: np.ndarray) -> None:
    """Write the flow into each pixel of `first` from that of `second`."""
    if exponential:
        for column in range(first.size):
            difference = second[column] - first[column]
            target[column] = difference * exp32(-inverse * difference * difference)
    else:
        for column in range(first.size):
            difference = second[column] - first[column]
            target[column] = difference / (ONE + inverse * difference * difference)
