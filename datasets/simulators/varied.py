"""Correlated speckle of no scanner in particular: every image has another point-spread function and display."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.bmode import log_compress, log_expand
from usbench.simulator import Simulated, Simulator, SimulatorCard
from usbench.speckle import random_point_spread, speckle_field

# E[ln e] of the mean e of 1, 2 and 3 independent Rayleigh envelopes of mean square 1, by numerical convolution.
MEAN_LOG = (-0.28861, -0.19636, -0.16944)


@dataclass(frozen=True)
class Varied(Simulator):
    r"""Speckle of random grain, for training a despeckler that shall meet scanners it has not seen.

    Per image, :math:`L \in \{1, 2, 3\}` complex Gaussian fields are filtered by a point-spread function of random axial
    and lateral width, lateral profile (Gaussian, or the sinc of a rectangular aperture) and inclination (as in a sector
    scan); the mean of their envelopes is scaled by the clean image's amplitude before filtering, a noise floor is
    added, and the result is compressed logarithmically over a random dynamic range, sharpened as scanners do, and
    rounded to 8 bit. The reference is the clean image under the same gain, lowered by the mean of the logarithm of the
    speckle, so that speckle has mean zero in the displayed image.

    Parameters
    ----------
    finest, coarsest
        Range of the point-spread function's standard deviation in pixels; laterally up to half as wide again.
    """

    name = "varied"
    card = SimulatorCard(
        title="Correlated speckle, randomised",
        speckle="Mean of 1-3 envelopes of complex Gaussian fields of amplitude 10^((x-1) R / 20), filtered by a random "
        "PSF (0.6-2.4 px axially, up to 3.6 px laterally, inclined up to 40 degrees); noise floor -60 to -40 dB; "
        "20 log10 over a random R of 40-70 dB; unsharp masking of 0-60 %; rounded to 8 bit and clipped to [0, 1].",
    )

    finest: Annotated[float, Field(gt=0, le=5)] = 0.6
    coarsest: Annotated[float, Field(gt=0, le=5)] = 2.4

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Draw a scanner, then its speckle."""
        range_db = float(rng.uniform(40, 70))
        looks = int(rng.integers(1, 4))
        psf = random_point_spread(rng, self.finest, self.coarsest)
        floor = 10 ** (rng.uniform(-60, -40) / 20)
        sharpening = max(0.0, rng.uniform(-0.3, 0.6))

        amplitude = log_expand(clean.astype(np.float32), range_db)
        envelope = np.mean([_envelope(amplitude, floor, psf, rng) for _ in range(looks)], axis=0)
        gain = 1 / np.quantile(envelope, 0.999)
        image = log_compress(envelope * gain, range_db)
        if sharpening:
            from scipy.ndimage import uniform_filter

            image = image + sharpening * (image - uniform_filter(image, 3))
        local = np.hypot(amplitude, floor) * np.exp(MEAN_LOG[looks - 1])
        reference = log_compress(local * gain, range_db)
        rounded = np.round(np.clip(image, 0, 1) * 255) / 255
        return Simulated(rounded.astype(np.float32), reference.astype(np.float32), range_db)


def _envelope(amplitude: np.ndarray, floor: float, psf: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the envelope of filtered scatterers of local root mean square `amplitude` with electronic noise."""
    field = speckle_field(amplitude, psf, rng)
    field += rng.standard_normal(field.shape, dtype=np.float32) * np.float32(floor * np.sqrt(0.5))
    return np.hypot(field[0], field[1])
