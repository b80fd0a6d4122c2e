r"""Transducer presets, the waves they transmit, and the width of their point-spread function.

The presets are those of the MUST toolbox (`pymust.getparam`), with Verasonics' figures. A wave is described by its path
length :math:`s(x, z)`: :math:`x\sin\theta + z\cos\theta` for a plane wave steered by :math:`\theta`, and the distance
from a virtual source behind the array for a diverging wave. Each element fires when the wave passes it, so the wave
reaches :math:`(x, z)` at the time :math:`(s(x, z) - \min_e s_e) / c`.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

Preset = Literal["L11-5v", "P4-2v", "C5-2v"]
SPEED = 1540.0  # m/s
OPENING = np.deg2rad(40)  # half the opening angle of the sector of a phased array


@dataclass(frozen=True)
class Probe:
    """A transducer array.

    Attributes
    ----------
    param
        Parameters from `pymust.getparam`, with sampling frequency and speed of sound.
    elements
        (4, elements), for `sum_wave`: lateral position and depth in m, sine and cosine of the normal's angle.
    apex
        Depth in m at which the lines of a sector meet, above the array; minus infinity for a linear array.
    """

    param: Any
    elements: np.ndarray
    apex: float

    @property
    def wavelength(self) -> float:
        """Wavelength in m at the centre frequency."""
        return SPEED / self.param.fc

    @property
    def phased(self) -> bool:
        """Whether it is a phased array: flat, scanning a sector with all of its elements."""
        return bool(np.isfinite(self.apex)) and not self.elements[2].any()

    def focusing(self, f_number: float, depth: float) -> float:
        """Return the effective f-number at a depth in m on the central axis.

        The aperture may be too small for `f_number`, and the normals of a curved array diverge from the direction of
        the point, so that fewer of its elements receive.
        """
        full_aperture = depth / float(np.ptp(self.elements[0]))
        if self.phased:
            return full_aperture
        if np.isinf(self.apex):
            return max(f_number, full_aperture)
        edge = self.elements[:, -1]
        turn = np.linspace(0, np.arcsin(edge[2]), 1000)
        radius = float(np.hypot(edge[0], edge[1] - self.apex))
        seen = np.arctan2(radius * np.sin(turn), depth - self.apex - radius * np.cos(turn))
        receiving = np.tan(seen + turn) <= 1 / (2 * f_number)
        return float(1 / (2 * np.tan(seen[receiving].max())))

    def paths(self, waves: int, steering: float) -> list["Path"]:
        """Return the transmitted waves, spread evenly over -`steering` to `steering` degrees.

        They are plane for a linear array, and diverging otherwise. The virtual sources of diverging waves have the
        depth of the apex and are displaced laterally by its distance times the tangent of the angle.
        """
        angles = np.deg2rad(np.linspace(-steering, steering, waves) if waves > 1 else np.zeros(1))
        if np.isinf(self.apex):
            return [Path(angle) for angle in angles]
        return [Path(0.0, (self.apex * np.tan(angle), self.apex)) for angle in angles]

    def sees(self, lateral: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """Return which points, in m, are in front of the array or in its sector."""
        edge = self.elements[:, -1]
        if np.isinf(self.apex):
            return (np.abs(lateral) <= edge[0] + self.param.pitch / 2) & (depth > 0)
        away = np.hypot(lateral, depth - self.apex)
        surface = 0.0 if self.phased else np.hypot(edge[0], edge[1] - self.apex)
        half = OPENING if self.phased else np.arcsin(edge[2])
        return (np.abs(np.arctan2(lateral, depth - self.apex)) <= half) & (away > surface) & (depth > 0)


@dataclass(frozen=True)
class Path:
    """Path of a wave: plane and steered by `angle`, or from a `source` (lateral, depth) in m behind the array."""

    angle: float
    source: tuple[float, float] | None = None

    def length(self, lateral: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """Return the path length of the wave at points, all in m."""
        if self.source is None:
            return lateral * np.sin(self.angle) + depth * np.cos(self.angle)
        return np.hypot(lateral - self.source[0], depth - self.source[1])


@cache
def probe(name: Preset) -> Probe:
    """Return the array of a preset."""
    import pymust

    param = pymust.getparam(name)
    param.c, param.fs = SPEED, 4 * param.fc
    lateral, depth, tilt, chord = (np.ravel(part).astype(np.float64) for part in param.getElementPositions())
    elements = np.stack([lateral, depth, np.sin(tilt), np.cos(tilt)])
    if np.isfinite(param.radius):
        apex = -float(chord[0])
    else:
        apex = -np.inf if name.startswith("L") else -float(lateral[-1] / np.tan(OPENING))
    return Probe(param, elements, apex)


@cache
def point_spread_mm(name: Preset, f_number: float, waves: int = 1, steering: float = 0.0) -> tuple[float, float]:
    r"""Return standard deviations (axial, lateral) in mm of the Gaussian PSF whose speckle is as wide as the array's.

    The width of speckle is that of the autocorrelation of the PSF, which is the Fourier transform of the squared
    modulus of its spectrum. Axially the spectrum is that of the transmitted pulse times that of the transducer, at
    :math:`2 f / c`. Laterally it is the weight of the receiving aperture (1 within
    :math:`\tan\vartheta \le 1 / 2F`, times directivity and obliquity of an element) at :math:`\sin\vartheta / \lambda`,
    shifted by :math:`\sin\theta / \lambda` for each wave and summed. The squared autocorrelation of the Gaussian, which
    is that of the intensity, falls to one half at the same lag.
    """
    param = probe(name).param
    frequency = np.linspace(0, 2 * param.fc, 4001)
    pulse = param.getPulseSpectrumFunction()(2 * np.pi * frequency)
    response = np.abs(pulse * param.getProbeFunction()(2 * np.pi * frequency) ** 2)
    axial = _gaussian(2 * (frequency - param.fc) / SPEED, response)

    wavelength = SPEED / param.fc
    sine = np.linspace(-1, 1, 8001)
    angle = np.arcsin(np.clip(sine, -0.999, 0.999))
    aperture = np.sinc(param.width * sine / wavelength) * np.cos(angle) * (np.abs(np.tan(angle)) <= 1 / (2 * f_number))
    steered = np.sin(np.deg2rad(np.linspace(-steering, steering, waves) if waves > 1 else np.zeros(1)))
    spectrum = sum(np.interp(sine - shift, sine, aperture) for shift in steered)
    return 1e3 * axial, 1e3 * _gaussian(sine / wavelength, np.asarray(spectrum))


def _gaussian(frequency: np.ndarray, amplitude: np.ndarray) -> float:
    """Return the standard deviation of the Gaussian whose speckle is as wide as that of this spectrum (1/m)."""
    power = amplitude**2 / np.sum(amplitude**2)
    lags = np.linspace(0, 4 / np.ptp(frequency[amplitude > 0.05 * amplitude.max()]), 2000)
    correlation = np.abs(np.exp(2j * np.pi * lags[:, None] * frequency[None, ::8]) @ power[::8]) / power[::8].sum()
    half = lags[int(np.argmax(correlation**2 < 0.5))]
    return float(half / np.sqrt(2 * np.log(2)))
