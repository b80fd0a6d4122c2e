"""Oriented speckle reducing anisotropic diffusion."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import ONE, TINY
from .dpad import squared_variation
from .moments import estimates_by_moments
from .srad import DARKEST
from .tensor import TensorDiffusion, eigen, structure_tensor, tensor_step
from .window import OddSize


@dataclass(frozen=True)
class Osrad(TensorDiffusion):
    r"""Tensor diffusion with DPAD's coefficient across structures and a constant one along them.

    .. math:: \partial_t I = \nabla \cdot (D \nabla I), \quad D = c_n\, n n^T + c_t\, t t^T, \quad
        c_n = \min\left(1, \frac{1 + 1/q^2}{1 + 1/q_0^2}\right)

    with :math:`n` the first eigenvector of the structure tensor :math:`\nabla I_\sigma \nabla I_\sigma^T`, which is the
    gradient's direction, :math:`t` perpendicular to it, :math:`q` the coefficient of variation of the square window
    around the pixel (borders mirrored), and :math:`q_0^2` the median of :math:`q^2` over the image, updated each step.
    Explicit steps, central differences, borders repeated.

    Parameters
    ----------
    tangent
        :math:`c_t`. The paper has a constant up to 1 for contours.
    sigma
        Smoothing of the image, in pixels, before the direction of its gradient is computed.
    size
        Height and width of the window of :math:`q` in pixels, odd.

    References
    ----------
    Krissian, Westin, Kikinis, Vosburgh, "Oriented speckle reducing anisotropic diffusion", IEEE Trans. Image Process.
    16(5):1412-1424, 2007. We did not have the text: the matrix form is the paper's; step, scale and window are ours.
    """

    name = "osrad"
    card = MethodCard(
        title="Oriented speckle reducing anisotropic diffusion",
        family="diffusion",
        citation="Krissian, Westin, Kikinis, Vosburgh, IEEE Trans. Image Process. 16(5):1412-1424, 2007",
        doi="10.1109/TIP.2007.891803",
        domain="envelope",
        note="Our reading: DPAD's coefficient across, a constant along contours; time step, scale and window are ours.",
        default_from={"iterations": "ours", "time_step": "ours", "tangent": "paper", "sigma": "ours", "size": "ours"},
    )
    space = over(iterations=Whole(5, 200, log=True), tangent=Real(0.05, 1), sigma=Real(0.5, 4, log=True))

    tangent: Annotated[float, Field(ge=0, le=1)] = 1.0
    sigma: Annotated[float, Field(ge=0, le=10)] = 1.0
    size: OddSize = 5

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Diffuse envelope images."""
        current = np.maximum(stack, DARKEST)
        for _ in range(self.iterations):
            variation = estimates_by_moments(current, self.size, squared_variation)
            speckle = np.median(variation, axis=(1, 2))
            tensor = oriented_tensor(*structure_tensor(current, self.sigma, 0), variation, speckle, self.tangent)
            current = tensor_step(current, *tensor, self.time_step)
        return current


@loop(parallel=True)
def oriented_tensor(
    rows: np.ndarray, mixed: np.ndarray, columns: np.ndarray, variation: np.ndarray, speckle: np.ndarray, tangent: float
) -> tuple[np.ndarray, ...]:
    """Return the diffusion tensor's parts (rows, mixed, columns)."""
    frames, height, width = rows.shape
    across, both, along = np.empty_like(rows), np.empty_like(rows), np.empty_like(rows)
    far = np.float32(tangent)
    for task in prange(frames * height):
        frame, row = task // height, task % height
        scale = np.float32(speckle[frame])
        for column in range(width):
            square = variation[frame, row, column]
            near = min(ONE, (scale * (square + ONE) + TINY) / (square * (scale + ONE) + TINY))
            down, right, _, _ = eigen(rows[frame, row, column], mixed[frame, row, column], columns[frame, row, column])
            across[frame, row, column] = near * down * down + far * right * right
            both[frame, row, column] = (near - far) * down * right
            along[frame, row, column] = near * right * right + far * down * down
    return across, both, along
