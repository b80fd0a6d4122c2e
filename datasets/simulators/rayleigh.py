"""Fully developed speckle, independent from pixel to pixel."""

from dataclasses import dataclass

import numpy as np

from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.ultrasound.expected_display import in_16_bits

MEAN_GAIN = np.sqrt(np.pi / 2)  # mean of a Rayleigh variable of unit parameter


@dataclass(frozen=True)
class Rayleigh(Simulator):
    r"""Rayleigh noise with unit mean gain, :math:`n = x r / \sqrt{\pi / 2}`, where :math:`r` is Rayleigh(1).

    Without the division the image would be 25 % too bright and PSNR biased. The image is clipped to [0, 1], and the
    reference is the mean of the clipped image over draws, :math:`x \operatorname{erf}(\sqrt{\pi} / 2x)`: up to .055
    below :math:`x` at white.
    """

    name = "rayleigh"
    version = "2"
    card = SimulatorCard(
        title="Rayleigh noise",
        speckle="n = x * r / sqrt(pi / 2) with r ~ Rayleigh(1), independent per pixel, then clipped to [0, 1]; grey is "
        "linear in the envelope. Local mean before clipping: x; local sd: 0.5227 x. The reference is the mean after "
        "clipping, x erf(sqrt(pi) / 2x).",
        citation="Burckhardt, IEEE Trans. Sonics Ultrason. 25(1):1-6, 1978",
        doi="10.1109/T-SU.1978.30978",
    )

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Multiply each pixel by Rayleigh noise of mean 1."""
        noisy = clean * rng.rayleigh(size=clean.shape) / MEAN_GAIN
        return Simulated(np.clip(noisy, 0, 1).astype(np.float32), in_16_bits(self.expected(clean)))

    @staticmethod
    def expected(clean: np.ndarray) -> np.ndarray:
        """Return the mean of the clipped image over draws."""
        from scipy.special import erf

        level = np.maximum(np.asarray(clean, np.float64), 1e-12)
        return level * erf(np.sqrt(np.pi) / (2 * level))
