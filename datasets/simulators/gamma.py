"""Multiplicative Gamma noise: the intensity of several looks."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.ultrasound.expected_display import in_16_bits


@dataclass(frozen=True)
class Gamma(Simulator):
    r"""Gamma noise of :math:`L` looks, :math:`n = x g`, :math:`g \sim \Gamma(L, 1/L)`, mean 1, variance :math:`1/L`.

    The image is clipped to [0, 1]; the reference is the mean of the clipped image over draws,
    :math:`x P(L + 1, L / x) + Q(L, L / x)` with the regularised incomplete gamma functions.

    Parameters
    ----------
    looks
        Number of independent looks :math:`L`; the equivalent number of looks of a flat region.
    """

    name = "gamma"
    version = "2"
    card = SimulatorCard(
        title="Gamma noise",
        speckle="n = x * g with g ~ Gamma(shape L, scale 1/L), independent per pixel, then clipped to [0, 1]; grey is "
        "linear. Local mean before clipping: x; local sd: x / sqrt(L). The reference is the mean after clipping, "
        "x P(L + 1, L / x) + Q(L, L / x).",
        citation="Goodman, Speckle Phenomena in Optics, 2007, section 4.6",
    )

    looks: Annotated[float, Field(gt=0)] = 4.0

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Multiply each pixel by Gamma noise of mean 1."""
        noisy = clean * rng.gamma(self.looks, 1 / self.looks, size=clean.shape)
        return Simulated(np.clip(noisy, 0, 1).astype(np.float32), in_16_bits(self.expected(clean)))

    def expected(self, clean: np.ndarray) -> np.ndarray:
        """Return the mean of the clipped image over draws."""
        from scipy.special import gammainc, gammaincc

        level = np.maximum(np.asarray(clean, np.float64), 1e-12)
        return level * gammainc(self.looks + 1, self.looks / level) + gammaincc(self.looks, self.looks / level)
