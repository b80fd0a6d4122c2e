"""Correlated speckle of no scanner in particular: every image has another point-spread function and display."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.ultrasound.bmode import log_compress, log_expand
from usbench.ultrasound.speckle_model import random_point_spread, speckle_field

DRAWS, QUANTILES = 100_000, 128  # by which the distribution of the logarithm of speckle is known


@dataclass(frozen=True)
class Varied(Simulator):
    r"""Speckle of random grain, for training a despeckler that shall meet scanners it has not seen.

    Per image, :math:`L \in \{1, 2, 3\}` complex Gaussian fields are filtered by a point-spread function of random axial
    and lateral width, lateral profile (Gaussian, or the sinc of a rectangular aperture) and inclination (as in a sector
    scan); the mean of their envelopes is scaled by the clean image's amplitude before filtering, a noise floor is
    added, and the result is compressed logarithmically over a random dynamic range at a random gain, sharpened as
    scanners do, and rounded to 8 bit. The reference is the mean of the display over draws of the speckle, without the
    point-spread function's blur: so speckle has mean zero in the displayed image even where black cuts it off.

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
        "20 log10 over a random R of 40-70 dB, half of the images up to 20 dB darker; unsharp masking of 0-60 %; "
        "rounded to 8 bit and clipped to [0, 1]. The reference is the pixel's mean over draws of the speckle.",
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
        compounded = np.mean([envelope(amplitude, floor, psf, rng) for _ in range(looks)], axis=0)
        gain = 10 ** (min(0.0, rng.uniform(-20, 20)) / 20) / np.quantile(compounded, 0.999)
        image = log_compress(compounded * gain, range_db)
        if sharpening:
            from scipy.ndimage import uniform_filter

            image = image + sharpening * (image - uniform_filter(image, 3))
        local = np.hypot(amplitude, floor) * gain
        rounded = np.round(np.clip(image, 0, 1) * 255) / 255
        return Simulated(rounded.astype(np.float32), mean_display(local, looks, range_db), range_db)


def mean_display(amplitude: np.ndarray, looks: int, range_db: float, power: float = 1.0) -> np.ndarray:
    """Return the mean of the clipped display, to a power, of speckle whose local root mean square is `amplitude`."""
    levels = np.linspace(-1.5, 2.5, 401)
    offsets = (20 / range_db) * _log_quantiles(looks)
    means = (np.clip(levels[:, None] + offsets, 0, 1) ** power).mean(axis=1)
    return np.interp(1 + (20 / range_db) * np.log10(amplitude), levels, means).astype(np.float32)


@cache
def _log_quantiles(looks: int) -> np.ndarray:
    """Return quantiles of the decimal logarithm of the mean of `looks` Rayleigh envelopes of mean square 1."""
    envelopes = np.random.default_rng(0).rayleigh(np.sqrt(0.5), (looks, DRAWS)).mean(axis=0)
    return np.quantile(np.log10(envelopes), (np.arange(QUANTILES) + 0.5) / QUANTILES)


def envelope(amplitude: np.ndarray, floor: float, psf: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the envelope of filtered scatterers of local root mean square `amplitude` with electronic noise."""
    field = speckle_field(amplitude, psf, rng)
    field += rng.standard_normal(field.shape, dtype=np.float32) * np.float32(floor * np.sqrt(0.5))
    return np.hypot(field[0], field[1])
