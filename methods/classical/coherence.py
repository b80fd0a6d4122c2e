"""Weickert's coherence-enhancing diffusion."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import ONE, TINY, exp32
from .tensor import TensorDiffusion, eigen, structure_tensor, tensor_step

GREY_LEVELS = np.float32(255)  # the paper's grey scale, in whose fourth power its contrast constant is given


@dataclass(frozen=True)
class Coherence(TensorDiffusion):
    r"""Diffusion along the direction of structures, and hardly any across it.

    .. math:: \partial_t I = \nabla \cdot (D \nabla I), \quad \lambda_1 = \alpha, \quad
        \lambda_2 = \alpha + (1 - \alpha) \exp\left(\frac{-C}{(\mu_1 - \mu_2)^2}\right)

    with :math:`\mu_1 \ge \mu_2` the eigenvalues of the structure tensor :math:`G_\rho * (\nabla I_\sigma \nabla
    I_\sigma^T)` of grey from 0 to 255; :math:`D` has its eigenvectors, :math:`\lambda_1` across the structure and
    :math:`\lambda_2` along it. Explicit steps, central differences, borders repeated. The tensor changes slowly and is
    recomputed every `refresh` steps.

    Parameters
    ----------
    alpha
        Diffusion across the structure; 0.001 in the paper.
    contrast
        :math:`C`; 1 in the paper.
    inner, outer
        :math:`\sigma` and :math:`\rho` in pixels; 0.5 to 0.7 and 4 in the paper.
    refresh
        Steps between updates of the tensor; 1 in the paper.

    References
    ----------
    Weickert, "Coherence-enhancing diffusion filtering", Int. J. Comput. Vis. 31:111-127, 1999.
    """

    name = "coherence"
    card = MethodCard(
        title="Coherence-enhancing diffusion",
        family="diffusion",
        citation="Weickert, Int. J. Comput. Vis. 31:111-127, 1999",
        doi="10.1023/A:1008009714131",
        default_from={
            "iterations": "ours",
            "time_step": "ours",
            "alpha": "paper",
            "contrast": "paper",
            "inner": "paper",
            "outer": "paper",
            "refresh": "paper",
        },
    )
    space = over(iterations=Whole(5, 200, log=True), alpha=Real(0.001, 1, log=True), outer=Real(1, 8, log=True))

    alpha: Annotated[float, Field(gt=0, le=1)] = 0.001
    contrast: Annotated[float, Field(gt=0)] = 1.0
    inner: Annotated[float, Field(ge=0, le=10)] = 0.7
    outer: Annotated[float, Field(ge=0, le=20)] = 4.0
    refresh: Annotated[int, Field(ge=1, le=1000)] = 1

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Diffuse display images."""
        current = stack * GREY_LEVELS
        for step in range(self.iterations):
            if step % self.refresh == 0:
                tensor = coherence_tensor(*structure_tensor(current, self.inner, self.outer), self.alpha, self.contrast)
            current = tensor_step(current, *tensor, self.time_step)
        return current / GREY_LEVELS


@loop(parallel=True)
def coherence_tensor(
    rows: np.ndarray, mixed: np.ndarray, columns: np.ndarray, alpha: float, contrast: float
) -> tuple[np.ndarray, ...]:
    """Return the diffusion tensor's parts (rows, mixed, columns) from those of the structure tensor."""
    frames, height, width = rows.shape
    across, both, along = np.empty_like(rows), np.empty_like(rows), np.empty_like(rows)
    least, constant = np.float32(alpha), np.float32(-contrast)
    for task in prange(frames * height):
        frame, row = task // height, task % height
        for column in range(width):
            down, right, great, small = eigen(
                rows[frame, row, column], mixed[frame, row, column], columns[frame, row, column]
            )
            gap = great - small
            far = least + (ONE - least) * exp32(constant / (gap * gap + TINY))
            across[frame, row, column] = least * down * down + far * right * right
            both[frame, row, column] = (least - far) * down * right
            along[frame, row, column] = least * right * right + far * down * down
    return across, both, along
