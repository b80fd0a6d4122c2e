"""Correlated speckle: complex Gaussian scatterers under a point-spread function (Bamber and Dickinson 1980)."""

import numpy as np

REACH = 12  # pixels; half the side of a point-spread function's window


def point_spread(axial: float, lateral: float, angle: float = 0.0, aperture: bool = False) -> np.ndarray:
    """Return a real point-spread function of unit energy, (25, 25) float32.

    There is no carrier: the envelope of filtered Gaussian scatterers does not depend on it.

    Parameters
    ----------
    axial, lateral
        Standard deviations in pixels.
    angle
        Inclination in radians, as in the outer lines of a sector scan.
    aperture
        Whether the lateral profile is the sinc of a rectangular aperture instead of a Gaussian.
    """
    axis = np.arange(-REACH, REACH + 1)
    down, right = np.meshgrid(axis, axis, indexing="ij")
    z = np.cos(angle) * down + np.sin(angle) * right
    x = np.cos(angle) * right - np.sin(angle) * down
    if aperture:
        beam = np.sinc(x / (2.4 * lateral)) * np.exp(-0.5 * (x / (0.4 * REACH)) ** 2)
    else:
        beam = np.exp(-0.5 * (x / lateral) ** 2)
    psf = beam * np.exp(-0.5 * (z / axial) ** 2)
    return (psf / np.sqrt(np.sum(psf**2))).astype(np.float32)


def random_point_spread(rng: np.random.Generator, finest: float = 0.6, coarsest: float = 2.4) -> np.ndarray:
    """Return the point-spread function of a random scanner.

    Parameters
    ----------
    finest, coarsest
        Range of the axial standard deviation in pixels; the lateral one is 0.7 to 1.5 times it, mostly larger.
    """
    axial = float(rng.uniform(finest, coarsest))
    lateral = axial * float(rng.uniform(1.0, 1.5) if rng.random() < 0.8 else rng.uniform(0.7, 1.0))
    angle = float(np.deg2rad(rng.uniform(-40, 40)) * (rng.random() < 0.5))
    return point_spread(axial, lateral, angle, aperture=bool(rng.random() < 0.4))


def speckle_field(amplitude: np.ndarray, psf: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the real and imaginary part, (2, H, W) float32, of filtered scatterers.

    Parameters
    ----------
    amplitude
        (H, W), root mean square of the scatterers; that of the field is its local mean square under the PSF.
    psf
        As `point_spread` returns it.
    """
    from scipy.signal import oaconvolve

    padded = np.pad(amplitude, REACH, mode="symmetric")
    scatterers = rng.standard_normal((2, *padded.shape), dtype=np.float32) * (padded * np.float32(np.sqrt(0.5)))
    return oaconvolve(scatterers, psf[None], mode="valid", axes=(1, 2))
