"""Correlated speckle with a random point-spread function and display for each image."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.ultrasound.bmode import log_compress, log_expand
from usbench.ultrasound.expected_display import expected_display, local_mean_square, white_level
from usbench.ultrasound.speckle_model import random_point_spread, speckle_field


@dataclass(frozen=True)
class Varied(Simulator):
    r"""Speckle of random grain, for training despecklers that generalise to unseen scanners.

    For each image, :math:`L \in \{1, 2, 3\}` complex Gaussian fields are filtered with a point-spread function of
    random axial and lateral width, lateral profile (Gaussian, or the sinc of a rectangular aperture) and inclination
    (as in a sector scan). Scatterers have the clean image's amplitude, and a noise floor is added. The mean of the
    envelopes is log-compressed over a random dynamic range at a random gain, and rounded to 8 bits. The reference is
    the expected display, which is the mean over draws of the speckle.

    Parameters
    ----------
    finest, coarsest
        Range of the axial standard deviation of the point-spread function in pixels; the lateral one is up to 1.5 times
        as great.
    """

    name = "varied"
    version = "2"
    card = SimulatorCard(
        title="Correlated speckle, randomised",
        speckle="Mean of 1-3 envelopes of complex Gaussian fields of amplitude 10^((x-1) R / 20), filtered by a random "
        "PSF (0.6-2.4 px axially, up to 3.6 px laterally, inclined up to 40 degrees); noise floor -60 to -40 dB; "
        "20 log10 over a random R of 40-70 dB, half of the images up to 20 dB darker; rounded to 8 bit and clipped to "
        "[0, 1]. The reference is the expected display, the pixel's mean over draws of the speckle.",
    )

    finest: Annotated[float, Field(gt=0, le=5)] = 0.6
    coarsest: Annotated[float, Field(gt=0, le=5)] = 2.4

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Draw a scanner, then its speckle."""
        range_db = float(rng.uniform(40, 70))
        looks = int(rng.integers(1, 4))
        psf = random_point_spread(rng, self.finest, self.coarsest)
        floor = 10 ** (rng.uniform(-60, -40) / 20)
        darkening_db = max(0.0, float(rng.uniform(-20, 20)))

        amplitude = log_expand(clean.astype(np.float64), range_db)
        mean_square = local_mean_square(amplitude, psf) + floor**2
        gain = 10 ** (-darkening_db / 20) / brightest_mean(mean_square, looks)

        def display(envelope: np.ndarray) -> np.ndarray:
            return np.round(log_compress(envelope * gain, range_db) * 255) / 255

        envelopes = [envelope(amplitude, floor, psf, rng) for _ in range(looks)]
        compounded = np.asarray(np.mean(envelopes, axis=0, dtype=np.float64))
        reference = expected_display(mean_square, display, looks)
        return Simulated(display(compounded).astype(np.float32), reference, range_db)


def brightest_mean(mean_square: np.ndarray, looks: int) -> float:
    """Return the amplitude that is shown white: that which 1 of 1000 pixels of the mean of several envelopes exceed.

    It is approximated from the mean squares alone, so that all draws have the same gain.
    """
    return white_level(np.quantile(mean_square, np.linspace(0, 1, 1000)) / looks**0.5)


def envelope(amplitude: np.ndarray, floor: float, psf: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the envelope of filtered scatterers with local root mean square `amplitude`, plus electronic noise."""
    field = speckle_field(amplitude, psf, rng)
    field += rng.standard_normal(field.shape, dtype=np.float32) * np.float32(floor * np.sqrt(0.5))
    return np.hypot(field[0], field[1])
