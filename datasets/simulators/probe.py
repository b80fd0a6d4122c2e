r"""Arrays as presets, the waves they send, and the width of their point-spread function.

The presets are those of the MUST toolbox (`pymust.getparam`), Verasonics' own figures. A wave is described by the path
:math:`s(x, z)` that it travels: :math:`x\sin\theta + z\cos\theta` for a plane wave steered by :math:`\theta`, the
distance from a virtual source behind the array for a diverging wave. Each element fires when the wave passes it, so the
wave is at :math:`(x, z)` at :math:`(s(x, z) - \min_e s_e) / c`.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

Preset = Literal["L11-5v", "P4-2v", "C5-2v"]
SPEED = 1540.0  # m/s
OPENING = np.deg2rad(40)  # half the sector that a phased array is asked to see


@dataclass(frozen=True)
class Probe:
    """An array.

    Attributes
    ----------
    param
        What `pymust.getparam` says of it, with the sampling frequency and the speed of sound.
    elements
        (4, elements): lateral position and depth in m, sine and cosine of the normal's angle, as `sum_wave` takes them.
    apex
        Depth in m at which the lines of a sector meet, above the array; minus infinity for a linear array.
    """

    param: Any
    elements: np.ndarray
    apex: float

    @property
    def wavelength(self) -> float:
        """In m, at the centre frequency."""
        return SPEED / self.param.fc

    @property
    def phased(self) -> bool:
        """Whether it is flat and sees a sector, with all of its elements."""
        return bool(np.isfinite(self.apex)) and not self.elements[2].any()

    def focusing(self, f_number: float, depth: float) -> float:
        """Return the f-number that is had at a depth in m, straight ahead.

        The aperture may be too small for `f_number`, and the normals of a curved array turn away from the point, so
        that fewer of its elements receive.
        """
        had = depth / float(np.ptp(self.elements[0]))
        if self.phased:
            return had
        if np.isinf(self.apex):
            return max(f_number, had)
        edge = self.elements[:, -1]
        turn = np.linspace(0, np.arcsin(edge[2]), 1000)
        radius = float(np.hypot(edge[0], edge[1] - self.apex))
        seen = np.arctan2(radius * np.sin(turn), depth - self.apex - radius * np.cos(turn))
        receiving = np.tan(seen + turn) <= 1 / (2 * f_number)
        return float(1 / (2 * np.tan(seen[receiving].max())))

    def paths(self, waves: int, steering: float) -> list["Path"]:
        """Return so many waves, spread over -`steering` to `steering` degrees: plane from a linear array, or diverging.

        The virtual sources of diverging waves lie as far behind the array as the sector's lines meet, moved sideways
        by the tangent of those angles.
        """
        angles = np.deg2rad(np.linspace(-steering, steering, waves) if waves > 1 else np.zeros(1))
        if np.isinf(self.apex):
            return [Path(angle) for angle in angles]
        return [Path(0.0, (self.apex * np.tan(angle), self.apex)) for angle in angles]

    def sees(self, lateral: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """Return which points, in m, lie in front of the array or in its sector."""
        edge = self.elements[:, -1]
        if np.isinf(self.apex):
            return (np.abs(lateral) <= edge[0] + self.param.pitch / 2) & (depth > 0)
        away = np.hypot(lateral, depth - self.apex)
        surface = 0.0 if self.phased else np.hypot(edge[0], edge[1] - self.apex)
        half = OPENING if self.phased else np.arcsin(edge[2])
        return (np.abs(np.arctan2(lateral, depth - self.apex)) <= half) & (away > surface) & (depth > 0)


@dataclass(frozen=True)
class Path:
    """The way of a wave: plane and steered by `angle`, or from a `source` (lateral, depth) in m behind the array."""

    angle: float
    source: tuple[float, float] | None = None

    def length(self, lateral: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """Return how far the wave has come, in m, when it is at points in m."""
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


def point_spread_mm(name: Preset, f_number: float, waves: int = 1, steering: float = 0.0) -> tuple[float, float]:
    r"""Return deviations (axial, lateral) in mm of the Gaussian PSF whose speckle is as wide as the array's.

    Speckle is as wide as the autocorrelation of the PSF, the Fourier transform of the squared modulus of its spectrum.
    Axially that spectrum is the transmitted pulse's times the transducer's, at :math:`2 f / c`. Laterally it is the
    receiving aperture's weight (1 within :math:`\tan\vartheta \le 1 / 2F`, times directivity and obliquity of an
    element) at :math:`\sin\vartheta / \lambda`, shifted by :math:`\sin\theta / \lambda` for each wave and summed. The
    Gaussian is the one whose squared autocorrelation, that of the intensity, falls to one half at the same lag.
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
    """Return the deviation of the Gaussian whose speckle is as wide as that of a PSF with this spectrum (1/m)."""
    power = amplitude**2 / np.sum(amplitude**2)
    lags = np.linspace(0, 4 / np.ptp(frequency[amplitude > 0.05 * amplitude.max()]), 2000)
    correlation = np.abs(np.exp(2j * np.pi * lags[:, None] * frequency[None, ::8]) @ power[::8]) / power[::8].sum()
    half = lags[int(np.argmax(correlation**2 < 0.5))]
    return float(half / np.sqrt(2 * np.log(2)))
