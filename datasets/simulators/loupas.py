"""Signal-dependent Gaussian noise of displayed, log-compressed images."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.simulator import Simulated, Simulator, SimulatorCard


@dataclass(frozen=True)
class Loupas(Simulator):
    r"""Loupas's model :math:`n = x + x^\gamma \eta`, :math:`\eta \sim N(0, \sigma^2)`.

    Parameters
    ----------
    gamma
        Exponent; 0.5 for displayed B-mode (Loupas et al. 1989), 1 for fully multiplicative noise.
    sigma
        Standard deviation of the noise at x = 1.
    """

    name = "loupas"
    card = SimulatorCard(
        title="Loupas noise",
        speckle="n = x + x^gamma * eta with eta ~ N(0, sigma^2), independent per pixel, then clipped to [0, 1]; grey "
        "is taken as displayed. Local mean before clipping: x; local sd: sigma x^gamma.",
        citation="Loupas, McDicken, Allan, IEEE Trans. Circuits Syst. 36(1):129-135, 1989",
        doi="10.1109/31.16577",
    )

    gamma: Annotated[float, Field(ge=0, le=2)] = 0.5
    sigma: Annotated[float, Field(gt=0, le=2)] = 0.2

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Add Gaussian noise whose deviation grows as a power of the grey value."""
        noisy = clean + clean**self.gamma * rng.normal(0, self.sigma, clean.shape)
        return Simulated(np.clip(noisy, 0, 1).astype(np.float32), clean)
