"""Total variation denoising."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.loops import loop, prange
from usbench.method import MethodCard
from usbench.space import Real, over

from .arithmetic import ONE, STRIP, ZERO
from .stack import StackMethod

STEP = 0.125


@dataclass(frozen=True)
class Tv(StackMethod):
    r"""Minimise :math:`\sum |\nabla y| + \frac{1}{2\lambda} \sum (y - x)^2` by Chambolle's dual projection.

    The dual field is updated as :math:`p \leftarrow (p + \tau g) / (1 + \tau |g|)` with
    :math:`g = \nabla(\mathrm{div}\, p - x / \lambda)`, and :math:`y = x - \lambda\, \mathrm{div}\, p`; forward
    differences, no flow across the border.

    Parameters
    ----------
    weight
        :math:`\lambda`, in grey of a range of 1; more is smoother.
    iterations
        Updates of the dual field.

    References
    ----------
    Chambolle, "An algorithm for total variation minimization and applications", J. Math. Imaging Vis. 20:89-97, 2004.
    The step is the 1/8 of the proof. The 1/4 that the paper advises, and scikit-image takes, converges twice as fast in
    the end, but on its way it multiplies rounding errors: after 100 updates float32 and float64 differ by 6e-4.
    """

    name = "tv"
    card = MethodCard(
        title="Total variation (Chambolle)",
        family="variational",
        citation="Chambolle, J. Math. Imaging Vis. 20:89-97, 2004",
        doi="10.1023/B:JMIV.0000011325.36760.1e",
        tuned_on=("natural+rayleigh/val", "mri+psf/val", "phantom+psf/val"),
    )
    space = over(weight=Real(0.02, 1, log=True))

    weight: Annotated[float, Field(gt=0)] = 0.2
    iterations: Annotated[int, Field(ge=1, le=10_000)] = 200

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Denoise images."""
        dual = np.zeros((2, *stack.shape), np.float32)
        return total_variation(stack, self.weight, self.iterations, dual)[0]


@loop(parallel=True)
def total_variation(stack, weight, iterations, dual):
    """Return the minimiser and the dual field (2, frames, axial, lateral) after `iterations` updates of `dual`."""
    frames, height, width = stack.shape
    following = np.empty_like(dual)
    inverse, tau = np.float32(1 / weight), np.float32(STEP)
    strips = (height + STRIP - 1) // STRIP
    for _ in range(iterations):
        for task in prange(frames * strips):
            frame, start = task // strips, task % strips * STRIP
            down, right = dual[0, frame], dual[1, frame]
            here, below = np.empty(width + 1, np.float32), np.empty(width + 1, np.float32)
            residual(down, right, stack[frame], start, inverse, here)
            for row in range(start, min(start + STRIP, height)):
                residual(down, right, stack[frame], min(row + 1, height - 1), inverse, below)
                old_down, old_right = down[row], right[row]
                new_down, new_right = following[0, frame, row], following[1, frame, row]
                for column in range(width):
                    to_down, to_right = below[column] - here[column], here[column + 1] - here[column]
                    norm = ONE / (ONE + tau * np.sqrt(to_down * to_down + to_right * to_right))
                    new_down[column] = (old_down[column] + tau * to_down) * norm
                    new_right[column] = (old_right[column] + tau * to_right) * norm
                here, below = below, here
        dual, following = following, dual
    result = np.empty_like(stack)
    scale = np.float32(weight)
    for task in prange(frames * height):
        frame, row = task // height, task % height
        rest = np.empty(width + 1, np.float32)
        residual(dual[0, frame], dual[1, frame], stack[frame], row, ZERO, rest)
        for column in range(width):
            result[frame, row, column] = stack[frame, row, column] - scale * rest[column]
    return result, dual


@loop
def residual(down, right, image, row, inverse, target):
    """Write a row of div p - inverse x, its last value repeated, so that the difference across the border is zero.

    The divergence is the negative adjoint of forward differences. The dual field's last row and column stay zero.
    """
    width = image.shape[1]
    north = max(row - 1, 0)
    inside = ONE if row > 0 else ZERO
    for column in range(1, width):
        flow = down[row, column] - inside * down[north, column] + right[row, column] - right[row, column - 1]
        target[column] = flow - inverse * image[row, column]
    target[0] = down[row, 0] - inside * down[north, 0] + right[row, 0] - inverse * image[row, 0]
    target[width] = target[width - 1]
