"""Detail preserving anisotropic diffusion."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import ONE, STRIP, TINY, TWO
from .grid import repeat_ends, with_edges
from .moments import estimates_by_moments
from .srad import DARKEST
from .stack import StackMethod
from .window import OddSize


@dataclass(frozen=True)
class Dpad(StackMethod):
    r"""SRAD's diffusion with the coefficient of Kuan's filter and a speckle scale estimated from the image.

    .. math:: c = \min\left(1, \frac{1 + 1/q^2}{1 + 1/q_0^2}\right), \quad q = s / m

    with :math:`m, s` the mean and standard deviation of the square window around the pixel, borders mirrored, and
    :math:`q_0^2` the median of :math:`q^2` over the image, updated at each step. One step adds
    :math:`\frac{\Delta t}{4}` of the flow by SRAD's scheme: flow from south and east has the coefficient of that
    neighbour, flow from north and west the pixel's own. There is no flow across the border.

    Parameters
    ----------
    iterations
        Time steps. The paper iterates until convergence; the default is ours.
    time_step
        :math:`\Delta t`; 0.2 in common use.
    size
        Height and width of the window in pixels, odd; 5 in the paper.

    References
    ----------
    Aja-Fernandez, Alberola-Lopez, "On the estimation of the coefficient of variation for anisotropic diffusion speckle
    filtering", IEEE Trans. Image Process. 15(9):2694-2701, 2006. Of the estimators discussed there, this is the median.
    """

    name = "dpad"
    card = MethodCard(
        title="Detail preserving anisotropic diffusion",
        family="diffusion",
        citation="Aja-Fernandez, Alberola-Lopez, IEEE Trans. Image Process. 15(9):2694-2701, 2006",
        doi="10.1109/TIP.2006.877360",
        domain="envelope",
        default_from={"iterations": "ours", "time_step": "usual", "size": "paper"},
    )
    space = over(iterations=Whole(10, 400, log=True), size=Whole(3, 9, step=2))

    iterations: Annotated[int, Field(ge=1, le=10_000)] = 100
    time_step: Annotated[float, Field(gt=0, le=1)] = 0.2
    size: OddSize = 5

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Diffuse envelope images."""
        grid = with_edges(stack, DARKEST)
        for _ in range(self.iterations):
            variation = estimates_by_moments(grid[:, :, 1:-1], self.size, squared_variation)
            speckle = np.median(variation, axis=(1, 2))
            grid = diffuse(grid, variation, speckle, self.time_step)
        return np.ascontiguousarray(grid[:, :, 1:-1])


@loop
def squared_variation(
    mean: np.float32, variance: np.float32, value: np.float32, parameters: tuple[np.float32, ...]
) -> np.float32:
    """Return the squared coefficient of variation of the window around a pixel."""
    return variance / (mean * mean)


@loop(parallel=True)
def diffuse(current: np.ndarray, variation: np.ndarray, speckle: np.ndarray, time_step: float) -> np.ndarray:
    """Return the grid one step later."""
    frames, height, extent = current.shape
    following = np.empty_like(current)
    share = np.float32(0.25 * time_step)
    strips = (height + STRIP - 1) // STRIP
    for task in prange(frames * strips):
        frame, start = task // strips, task % strips * STRIP
        plane, scale = current[frame], np.float32(speckle[frame])
        here, below = np.empty(extent, np.float32), np.empty(extent, np.float32)
        coefficients(variation[frame, start], scale, here)
        for row in range(start, min(start + STRIP, height)):
            south_row = min(row + 1, height - 1)
            coefficients(variation[frame, south_row], scale, below)
            centre, north, south, target = plane[row], plane[max(row - 1, 0)], plane[south_row], following[frame, row]
            for column in range(1, extent - 1):
                value = centre[column]
                flow = below[column] * (south[column] - value)
                flow += here[column] * (north[column] + centre[column - 1] - TWO * value)
                flow += here[column + 1] * (centre[column + 1] - value)
                target[column] = value + share * flow
            repeat_ends(target)
            here, below = below, here
    return following


@loop
def coefficients(variation: np.ndarray, scale: np.float32, target: np.ndarray) -> None:
    """Write the diffusion coefficients of a row, (1 + 1/q^2) / (1 + 1/q0^2), computed with one division."""
    for column in range(variation.size):
        square = variation[column]
        target[column + 1] = min(ONE, (scale * (square + ONE) + TINY) / (square * (scale + ONE) + TINY))
    repeat_ends(target)
