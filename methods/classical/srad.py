"""Speckle reducing anisotropic diffusion."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.method import MethodCard, PlaneMethod


@dataclass(frozen=True)
class Srad(PlaneMethod):
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

    iterations: Annotated[int, Field(ge=1, le=10_000)] = 200
    time_step: Annotated[float, Field(gt=0, le=0.25)] = 0.05
    q0: Annotated[float, Field(gt=0, le=2)] = 0.5227
    rho: Annotated[float, Field(ge=0, le=10)] = 1 / 6

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Diffuse one envelope image."""
        from .kernels import srad

        return srad(image.astype(np.float64), self.iterations, self.time_step, self.q0, self.rho)
