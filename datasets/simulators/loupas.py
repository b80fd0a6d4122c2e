"""Signal-dependent Gaussian noise for displayed, log-compressed images."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.ultrasound.expected_display import in_16_bits


@dataclass(frozen=True)
class Loupas(Simulator):
    r"""Loupas's model :math:`n = x + x^\gamma \eta`, :math:`\eta \sim N(0, \sigma^2)`.

    The image is clipped to [0, 1]; the reference is the mean of the clipped image over draws.

    Parameters
    ----------
    gamma
        Exponent; 0.5 for displayed B-mode (Loupas et al. 1989), 1 for fully multiplicative noise.
    sigma
        Standard deviation of the noise at x = 1.
    """

    name = "loupas"
    version = "2"
    card = SimulatorCard(
        title="Loupas noise",
        speckle="n = x + x^gamma * eta with eta ~ N(0, sigma^2), independent per pixel, then clipped to [0, 1]; grey "
        "is taken as displayed. Local mean before clipping: x; local sd: sigma x^gamma. The reference is the mean "
        "after clipping.",
        citation="Loupas, McDicken, Allan, IEEE Trans. Circuits Syst. 36(1):129-135, 1989",
        doi="10.1109/31.16577",
    )

    gamma: Annotated[float, Field(ge=0, le=2)] = 0.5
    sigma: Annotated[float, Field(gt=0, le=2)] = 0.2

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Add Gaussian noise whose deviation grows as a power of the grey value."""
        noisy = clean + clean**self.gamma * rng.normal(0, self.sigma, clean.shape)
        return Simulated(np.clip(noisy, 0, 1).astype(np.float32), in_16_bits(self.expected(clean)))

    def expected(self, clean: np.ndarray) -> np.ndarray:
        """Return the mean of the clipped image over draws: that of a normal variable censored at 0 and 1."""
        from scipy.special import ndtr

        level = np.asarray(clean, np.float64)
        deviation = np.maximum(self.sigma * level**self.gamma, 1e-12)
        low, high = -level / deviation, (1 - level) / deviation
        density = [np.exp(-0.5 * np.minimum(np.abs(end), 40) ** 2) / np.sqrt(2 * np.pi) for end in (low, high)]
        return level * (ndtr(high) - ndtr(low)) + deviation * (density[0] - density[1]) + ndtr(-high)
