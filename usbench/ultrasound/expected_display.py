r"""The expected display: the mean over draws of the speckle of the image that a scanner shows.

The envelope of fully developed speckle is Rayleigh at each pixel, with the mean square
:math:`S = |h|^2 * a^2` of scatterers of amplitude :math:`a` under the point-spread function :math:`h`. A scanner shows
:math:`g(e)`, the envelope after compression, clipping and rounding. So

.. math:: E[g(e)] = \int_0^\infty g(\sqrt{S u}) \, e^{-u} \, du

is a function of :math:`S` alone. Perfect despeckling returns it. It is as blurred as the image and has its black and
white levels: sharpening is another task.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

LEVELS = np.arange(-9.0, 2.0001, 0.0125)  # decades of the root mean square: 0.25 dB apart
QUANTILES = 512  # of the envelope's distribution
DRAWS = 200_000  # for the distribution of the mean of several envelopes
STEPS_16_BIT = 65535.0

Display = Callable[[np.ndarray], np.ndarray]


def expected_display(mean_square: np.ndarray, display: Display, looks: int = 1) -> np.ndarray:
    """Return the mean of the display over draws of fully developed speckle, rounded to 65,536 levels.

    Parameters
    ----------
    mean_square
        (H, W), float64: mean square of the envelope at each pixel, on the scale of the input of `display`.
    display
        Maps envelopes to grey in [0, 1], element by element.
    looks
        Number of independent envelopes whose mean is displayed.
    """
    quantiles = _envelope_quantiles(looks)
    means = display(10 ** LEVELS[:, None] * quantiles).mean(axis=1)
    level = 0.5 * np.log10(np.maximum(mean_square, 10 ** (2 * LEVELS[0])))
    return in_16_bits(np.interp(level, LEVELS, means))


def local_mean_square(amplitude: np.ndarray, psf: np.ndarray) -> np.ndarray:
    """Return the mean square (H, W) of the field of scatterers convolved with a point-spread function.

    Parameters
    ----------
    amplitude
        (H, W), root mean square of the scatterers; mirrored at the borders.
    psf
        Odd sides; real, or the modulus of a complex one.
    """
    from scipy.signal import oaconvolve

    margins = [(extent // 2, extent // 2) for extent in psf.shape]
    power = np.pad(np.asarray(amplitude, np.float64) ** 2, margins, mode="symmetric")
    return np.maximum(oaconvolve(power, np.asarray(psf, np.float64) ** 2, mode="valid"), 0)


def white_level(mean_square: np.ndarray) -> float:
    """Return the amplitude that a scanner's gain makes white: one pixel of the image is expected to exceed it.

    It depends only on the mean square, so that all draws have the same gain.
    """
    squares = np.asarray(mean_square, np.float64).ravel()
    squares = squares[squares > 0]
    if not squares.size:
        return 1.0
    low, high = 0.0, float(squares.max()) * (np.log(squares.size) + 1)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.exp(-middle / squares).sum() > 1 else (low, middle)
    return float(np.sqrt(high))


def in_16_bits(image: np.ndarray) -> np.ndarray:
    """Return an image in [0, 1] rounded to 65,536 levels, float32.

    Processors differ in the last bits of float64, by 1e-11 of a level; rounded images are the same bytes everywhere.
    """
    return (np.round(np.asarray(image, np.float64) * STEPS_16_BIT) / STEPS_16_BIT).astype(np.float32)


@cache
def _envelope_quantiles(looks: int) -> np.ndarray:
    """Return quantiles of the mean of independent Rayleigh envelopes of mean square 1."""
    places = (np.arange(QUANTILES) + 0.5) / QUANTILES
    if looks == 1:
        return np.sqrt(-np.log1p(-places))
    envelopes = np.random.default_rng(0).rayleigh(np.sqrt(0.5), (looks, DRAWS)).mean(axis=0)
    return np.quantile(envelopes, places)
