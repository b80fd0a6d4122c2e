"""Speckle from complex scatterers and a separable point-spread function."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.bmode import DEFAULT_DYNAMIC_RANGE_DB, log_compress, log_expand
from usbench.simulator import Simulated, Simulator, SimulatorCard

# exp(E[ln r]) of a Rayleigh variable with E[r^2] = 1: exp(-Euler gamma / 2).
GEOMETRIC_MEAN = float(np.exp(-np.euler_gamma / 2))


@dataclass(frozen=True)
class Psf(Simulator):
    r"""Convolution of complex scatterers with a separable PSF, envelope detection and log compression.

    The clean image is the displayed echogenicity: amplitude :math:`a = 10^{(x-1)R/20}` with :math:`R` the dynamic
    range. Scatterers :math:`s = a (u + iv)/\sqrt 2` with unit normal :math:`u, v` are convolved with
    :math:`h(z, l) = e^{-z^2/2\sigma_z^2} e^{2 i \pi f z} e^{-l^2/2\sigma_l^2}`, :math:`\sum|h|^2 = 1`, so a flat region
    has a Rayleigh envelope :math:`e = |h * s|` of mean square :math:`a^2`. The display is
    :math:`1 + 20\log_{10}(e/e_{max})/R` clipped to [0, 1]; the reference is :math:`a e^{-\gamma/2}`, the geometric mean
    of the speckle, on that same scale, so that speckle has zero mean in the displayed, log-compressed image.

    Parameters
    ----------
    axial, lateral
        Standard deviations :math:`\sigma_z, \sigma_l` of the PSF in pixels.
    carrier
        Carrier frequency :math:`f` in cycles per pixel of the axial direction.
    dynamic_range_db
        Range :math:`R` of the display in dB.

    References
    ----------
    Bamber, Dickinson, "Ultrasonic B-scanning: a computer simulation", Phys. Med. Biol. 25(3):463-479, 1980.
    """

    name = "psf"
    card = SimulatorCard(
        title="Complex scatterers with a separable PSF",
        speckle="Complex normal scatterers of amplitude 10^((x-1) R / 20), convolved with a Gaussian PSF (axial 1 px, "
        "lateral 1.6 px, with carrier), envelope, 20 log10 of envelope / maximum over R = 60 dB, clipped to [0, 1]; "
        "the reference is shifted by the same gain. Speckle is correlated over a few pixels.",
        citation="Bamber, Dickinson, Phys. Med. Biol. 25(3):463-479, 1980",
        doi="10.1088/0031-9155/25/3/006",
    )

    axial: Annotated[float, Field(gt=0, le=20)] = 1.0
    lateral: Annotated[float, Field(gt=0, le=20)] = 1.6
    carrier: Annotated[float, Field(ge=0, le=0.5)] = 0.25
    dynamic_range_db: Annotated[float, Field(ge=20, le=120)] = DEFAULT_DYNAMIC_RANGE_DB

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Scatter, convolve, detect and compress."""
        amplitude = log_expand(clean.astype(np.float64), self.dynamic_range_db)
        envelope = self.envelope(amplitude, rng)
        brightest = envelope.max()
        reference = log_compress(amplitude * GEOMETRIC_MEAN / brightest, self.dynamic_range_db)
        image = log_compress(envelope / brightest, self.dynamic_range_db)
        return Simulated(image.astype(np.float32), reference.astype(np.float32), self.dynamic_range_db)

    def envelope(self, amplitude: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the envelope of speckle whose local mean square is the local mean of `amplitude` squared."""
        from scipy.signal import fftconvolve

        kernel = self.kernel()
        margins = [extent // 2 for extent in kernel.shape]
        padded = np.pad(amplitude, [(margin, margin) for margin in margins], mode="symmetric")
        scatterers = padded * (rng.standard_normal(padded.shape) + 1j * rng.standard_normal(padded.shape)) / np.sqrt(2)
        return np.abs(fftconvolve(scatterers, kernel, mode="valid"))

    def kernel(self) -> np.ndarray:
        """Return the complex PSF (axial, lateral), odd in size, of unit energy, out to four standard deviations."""
        axial, lateral = (np.arange(-reach, reach + 1) for reach in map(_reach, (self.axial, self.lateral)))
        pulse = np.exp(-0.5 * (axial / self.axial) ** 2 + 2j * np.pi * self.carrier * axial)
        beam = np.exp(-0.5 * (lateral / self.lateral) ** 2)
        psf = np.outer(pulse, beam)
        return psf / np.sqrt(np.sum(np.abs(psf) ** 2))


def _reach(deviation: float) -> int:
    return max(1, int(np.ceil(4 * deviation)))
