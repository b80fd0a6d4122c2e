"""Speckle as on a scanner's screen: compounded, smoothed, wide laterally, and with a grey map."""

from dataclasses import dataclass

import numpy as np

from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.ultrasound.bmode import log_compress, log_expand
from usbench.ultrasound.expected_display import expected_display, in_16_bits, local_mean_square
from usbench.ultrasound.speckle_model import point_spread

from .varied import brightest_mean, envelope

WIDEST = 6.0  # pixels


@dataclass(frozen=True)
class Processed(Simulator):
    r"""Speckle after a scanner's processing, for training a despeckler for real B-mode.

    `varied` ends with log compression. Scanners also average looks (compounding, persistence), smooth, and darken
    tissue with a grey map. In homogeneous windows of the train splits of hc18, usgra and busi, grains are 3 to 5 pixels
    long axially and twice as wide laterally (medians of the widths of the autocorrelation at one half).

    For each image, the envelopes of 1 to 8 complex Gaussian fields with a random point-spread function are averaged,
    log-compressed over a random dynamic range at a random gain, raised to a random power, smoothed, and rounded to 8
    bits. The reference is the mean of the display over draws of the speckle, blurred like the image. If grains are as
    large as the detail of tissue, a network trained to deblur as well would invent detail.
    """

    name = "processed"
    version = "2"
    card = SimulatorCard(
        title="Correlated speckle after a scanner's processing, randomised",
        speckle="Mean of 1-8 envelopes of complex Gaussian fields of amplitude 10^((x-1) R / 20), filtered by a random "
        "PSF (0.8-3 px axially, 1.2 to 3.5 times that and at most 6 px laterally, half of them inclined up to 40 "
        "degrees); noise floor -70 to -45 dB; 20 log10 over a random R of 45-75 dB, 0-25 dB darker; grey to the power "
        "of 0.8-2; Gaussian of up to 1.2 px; rounded to 8 bit and clipped to [0, 1]. The reference is the pixel's mean "
        "over draws of the speckle, blurred as they are.",
    )

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Draw a scanner, then its speckle."""
        from scipy.ndimage import gaussian_filter

        range_db = float(rng.uniform(45, 75))
        looks = round(2 ** rng.uniform(0, 3))
        axial = float(rng.uniform(0.8, 3.0))
        lateral = min(WIDEST, axial * float(rng.uniform(1.2, 3.5)))
        angle = float(np.deg2rad(rng.uniform(-40, 40)) * (rng.random() < 0.5))
        psf = point_spread(axial, lateral, angle, aperture=bool(rng.random() < 0.4))
        floor = 10 ** (rng.uniform(-70, -45) / 20)
        power = float(2 ** rng.uniform(-0.32, 1.0))
        smoothing = float(rng.uniform(0, 1.2))

        amplitude = log_expand(clean.astype(np.float64), range_db)
        mean_square = local_mean_square(amplitude, psf) + floor**2
        gain = 10 ** (rng.uniform(-25, 0) / 20) / brightest_mean(mean_square, looks)

        def display(envelope: np.ndarray) -> np.ndarray:
            return log_compress(envelope * gain, range_db) ** power

        envelopes = [envelope(amplitude, floor, psf, rng) for _ in range(looks)]
        compounded = np.asarray(np.mean(envelopes, axis=0, dtype=np.float64))
        shown = np.round(gaussian_filter(display(compounded), smoothing) * 255) / 255
        reference = gaussian_filter(expected_display(mean_square, display, looks).astype(np.float64), smoothing)
        return Simulated(shown.astype(np.float32), in_16_bits(reference))
