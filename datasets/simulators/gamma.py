"""Multiplicative Gamma noise: the intensity of several looks."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.simulator import Simulated, Simulator, SimulatorCard


@dataclass(frozen=True)
class Gamma(Simulator):
    r"""Gamma noise of :math:`L` looks, :math:`n = x g`, :math:`g \sim \Gamma(L, 1/L)`, mean 1, variance :math:`1/L`.

    Parameters
    ----------
    looks
        Number of independent looks :math:`L`; the equivalent number of looks of a flat region.
    """

    name = "gamma"
    card = SimulatorCard(
        title="Gamma noise",
        speckle="n = x * g with g ~ Gamma(shape L, scale 1/L), independent per pixel, then clipped to [0, 1]; grey is "
        "linear. Local mean before clipping: x; local sd: x / sqrt(L).",
        citation="Goodman, Speckle Phenomena in Optics, 2007, section 4.6",
    )

    looks: Annotated[float, Field(gt=0)] = 4.0

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Multiply each pixel with Gamma noise of mean 1."""
        noisy = clean * rng.gamma(self.looks, 1 / self.looks, size=clean.shape)
        return Simulated(np.clip(noisy, 0, 1).astype(np.float32), clean)
