"""Correlated speckle: complex Gaussian scatterers under a point-spread function (Bamber and Dickinson 1980).

There is no carrier, since the envelope of filtered circular Gaussian scatterers does not depend on it.
"""

import numpy as np

REACH = 12  # pixels; half the side of the window of `point_spread`


def point_spread(axial: float, lateral: float, angle: float = 0.0, aperture: bool = False) -> np.ndarray:
    """Return a real point-spread function of unit energy, (25, 25) float32.

    Parameters
    ----------
    axial, lateral
        Standard deviations in pixels.
    angle
        Inclination in radians, as in the outer lines of a sector scan.
    aperture
        Whether the lateral profile is the sinc of a rectangular aperture; else a Gaussian.
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


def scatter(amplitude: np.ndarray, rng: np.random.Generator, steady: np.ndarray | None = None) -> np.ndarray:
    """Return the real and imaginary part, (2, H, W) float32, of Gaussian scatterers, one per pixel.

    Parameters
    ----------
    amplitude
        (H, W), their root mean square.
    steady
        Boolean (H, W): scatterers with random phase whose modulus is the amplitude, such as wires.
    """
    scatterers = rng.standard_normal((2, *amplitude.shape), dtype=np.float32)
    if steady is not None and steady.any():
        scatterers[:, steady] *= np.sqrt(2) / np.hypot(*scatterers[:, steady])
    return scatterers * (amplitude * np.float32(np.sqrt(0.5)))


def speckle_field(amplitude: np.ndarray, psf: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the real and imaginary part, (2, H, W) float32, of filtered scatterers.

    Parameters
    ----------
    amplitude
        (H, W), root mean square of the scatterers. That of the field is its local mean square under the PSF.
    psf
        See `point_spread`.
    """
    from scipy.signal import oaconvolve

    scatterers = scatter(np.pad(amplitude, REACH, mode="symmetric"), rng)
    return oaconvolve(scatterers, psf[None], mode="valid", axes=(1, 2))


def filter_by_depth(scatterers: np.ndarray, axial: float, lateral: np.ndarray) -> np.ndarray:
    """Return scatterers under a separable Gaussian PSF of unit energy whose lateral width changes with depth.

    Parameters
    ----------
    scatterers
        (planes, H, W), real. They are continued by zeros axially and periodically laterally; pad them if needed.
    axial
        Standard deviation in rows.
    lateral
        (H,), standard deviation in columns at each row.
    """
    from scipy.fft import irfft, rfft

    width = scatterers.shape[2]
    spectrum = rfft(filter_axially(scatterers, axial), axis=2) * _beams(lateral, width).astype(np.float32)
    return irfft(spectrum, width, axis=2)


def power_by_depth(power: np.ndarray, axial: float, lateral: np.ndarray) -> np.ndarray:
    """Return the mean square of the result of `filter_by_depth` for scatterers of mean square `power`, float64."""
    from scipy.fft import irfft, rfft

    width = power.shape[2]
    squared = rfft(irfft(_beams(lateral, width), width, axis=1) ** 2, axis=1)
    return np.maximum(irfft(rfft(power_axially(power, axial), axis=2) * squared, width, axis=2), 0)


def _beams(lateral: np.ndarray, width: int) -> np.ndarray:
    """Return the Fourier transforms of Gaussian beams of unit energy, (rows, frequencies)."""
    from scipy.fft import rfftfreq

    beam = np.exp(-2 * (np.pi * np.asarray(lateral)[:, None] * rfftfreq(width)) ** 2)
    twice = np.where((np.arange(beam.shape[1]) > 0) & (2 * np.arange(beam.shape[1]) < width), 2, 1)
    return beam / np.sqrt((twice * beam**2).sum(axis=1, keepdims=True) / width)


def filter_axially(planes: np.ndarray, axial: float) -> np.ndarray:
    """Return planes, (planes, H, W), filtered by a Gaussian pulse of unit energy, standard deviation `axial` rows."""
    from scipy.ndimage import correlate1d

    return correlate1d(planes, _pulse(axial), axis=1, mode="constant")


def power_axially(power: np.ndarray, axial: float) -> np.ndarray:
    """Return the mean square of the result of `filter_axially` for planes of mean square `power`, float64."""
    from scipy.ndimage import correlate1d

    return correlate1d(power, _pulse(axial) ** 2, axis=1, mode="constant")


def _pulse(axial: float) -> np.ndarray:
    reach = int(np.ceil(4 * axial))
    pulse = np.exp(-0.5 * (np.arange(-reach, reach + 1) / axial) ** 2)
    return pulse / np.sqrt(np.sum(pulse**2))
