"""The style of a simulated ultrasound image, and the input of the simulator `S`."""

from dataclasses import dataclass, replace

import numpy as np

PLANES = 6  # condition, speckle, coarse speckle, white noise, contrast, gain
COARSE = 2.5  # the second speckle field has grains so many times as large
WIDEST = (20.0, 30.0)  # pixels, axial and lateral; of its grains
MARGIN = 32  # pixels; fields are periodic, so that much is cut off
CONTRAST_SCALE = 5.0
STEP = 2.0**-12  # random planes are rounded to multiples of this, so that all machines draw the same
FINE = 6.0  # pixels; the fine structure of an image is what a Gaussian of this sigma removes
NARROWED = 1.15  # so much narrower than in B-mode is the grain that `S` paints on pictures; measured on MRI slices


@dataclass(frozen=True)
class Style:
    """What differs between scanners and settings.

    Attributes
    ----------
    axial, lateral
        Size of the speckle grain in pixels: full width at half maximum of the autocorrelation of the fine structure.
    contrast
        Strength of the speckle: its standard deviation over the square root of the local mean, both in [0, 1].
    gain
        Grey of what is white in the condition, in [0, 1].
    """

    axial: float
    lateral: float
    contrast: float
    gain: float

    def on_picture(self) -> "Style":
        """Return the style that `S` is to be given for a picture without speckle, to paint this one."""
        return replace(self, axial=self.axial * NARROWED, lateral=self.lateral * NARROWED)


def style_planes(condition: np.ndarray, style: Style, rng: np.random.Generator) -> np.ndarray:
    """Return the input of `S` for a condition (H, W): float32 (6, H, W)."""
    constant = np.ones(condition.shape)
    return np.stack(
        [condition, *noise_planes(condition.shape, style, rng), style.contrast * CONTRAST_SCALE * constant,
         style.gain * constant],
        dtype=np.float32,
    )  # fmt: skip


def noise_planes(shape: tuple[int, ...], style: Style, rng: np.random.Generator) -> np.ndarray:
    """Return the random part of the input: speckle, coarse speckle and white noise, float32 (3, H, W)."""
    axial, lateral = field_widths(style.axial, style.lateral)
    coarse = envelope(shape, min(COARSE * axial, WIDEST[0]), min(COARSE * lateral, WIDEST[1]), rng)
    planes = [envelope(shape, axial, lateral, rng), coarse, rng.standard_normal(shape)]
    return (np.round(np.stack(planes) / STEP) * STEP).astype(np.float32)


def envelope(shape: tuple[int, ...], axial: float, lateral: float, rng: np.random.Generator) -> np.ndarray:
    """Return the envelope of fully developed speckle, of zero mean and unit variance, float64.

    Parameters
    ----------
    shape
        Height and width in pixels.
    axial, lateral
        Full widths at half maximum of its autocorrelation in pixels.
    rng
        Draws the scatterers.
    """
    from scipy.fft import irfft2, next_fast_len, rfft2

    padded = tuple(next_fast_len(extent + MARGIN, real=True) for extent in shape)
    down, right = np.fft.fftfreq(padded[0])[:, None], np.fft.rfftfreq(padded[1])[None]
    # a Gaussian point-spread function of deviation s gives an envelope whose autocorrelation is 2.3 s wide
    transfer = np.exp(-2 * (np.pi / 2.3) ** 2 * ((axial * down) ** 2 + (lateral * right) ** 2))
    parts = [irfft2(rfft2(rng.standard_normal(padded)) * transfer, padded) for _ in range(2)]
    made = np.hypot(*(part / part.std() for part in parts))[: shape[0], : shape[1]]
    return (made - np.sqrt(np.pi / 2)) / np.sqrt(2 - np.pi / 2)


def field_widths(axial: float, lateral: float) -> tuple[float, float]:
    """Return the widths of an `envelope` whose fine structure has the given ones.

    Removing the slow structure of an image makes its grains look smaller, the more so the wider they are.
    """
    drawn = (1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 9, 12, 15, 20)
    measured = (1.14, 1.32, 1.77, 2.33, 2.74, 3.52, 4.3, 5.2, 5.9, 7.4, 9.8, 12.5, 17)  # in windows of 24 x 24 pixels
    return float(np.interp(axial, measured, drawn)), float(np.interp(lateral, measured, drawn))
