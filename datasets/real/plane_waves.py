r"""B-mode from plane waves: delay-and-sum over elements and angles.

A wave steered by :math:`\theta` reaches :math:`(x, z)` after :math:`(z \cos\theta + x \sin\theta) / c`, and its echo
reaches the element at :math:`x_e` after another :math:`\sqrt{(x - x_e)^2 + z^2} / c` (Montaldo et al., IEEE TUFFC
56:489, 2009). Elements farther from the pixel than :math:`z / 2F` are not used; all others have the same weight.
"""

from dataclasses import dataclass

import numpy as np

from usbench.core.errors import ImageError

from ..das import flat_array, sum_wave

F_NUMBER = 1.75
PITCH = 1e-4  # m, of the image's pixels in both directions
MOST_SAMPLES = 400_000_000


@dataclass(frozen=True)
class PlaneWaves:
    """A recording of plane waves.

    Attributes
    ----------
    signals
        (angles, elements, samples), real radio frequency, or complex after demodulation.
    angles
        Steering angles in radians.
    elements
        Lateral positions of the elements in m.
    rate
        Sampling rate in Hz.
    demodulation
        Demodulation frequency in Hz; 0 for radio frequency.
    speed
        Speed of sound in m/s.
    starts
        Time of the first sample of each wave in s.
    """

    signals: np.ndarray
    angles: np.ndarray
    elements: np.ndarray
    rate: float
    demodulation: float
    speed: float
    starts: np.ndarray

    def checked(self, name: str) -> "PlaneWaves":
        """Return the recording if it is consistent.

        Raises
        ------
        ImageError
            If sizes do not agree or a number is out of the range of medical ultrasound.
        """
        expected = (self.angles.size, self.elements.size)
        if self.signals.ndim != 3 or self.signals.shape[:2] != expected or self.starts.size != self.angles.size:
            found = " x ".join(map(str, self.signals.shape))
            raise ImageError(f"{name} holds signals of {found} for {expected[0]} angles and {expected[1]} elements.")
        if not (1e5 < self.rate < 1e9 and 1000 < self.speed < 2000 and np.abs(self.angles).max(initial=0) < 1.6):
            raise ImageError(
                f"{name} has a rate of {self.rate:g} Hz, a speed of {self.speed:g} m/s or angles that cannot be."
            )
        return self


def chosen_angles(count: int, wanted: int) -> np.ndarray:
    """Return the indices of `wanted` angles spread evenly over `count`, or of all if there are fewer."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(int))


def image_axes(waves: PlaneWaves) -> tuple[np.ndarray, np.ndarray]:
    """Return depth and lateral position of the pixels in m: below the aperture, from 5 mm to the last echo or 50 mm."""
    deepest = float(np.min(waves.starts) + waves.signals.shape[-1] / waves.rate) * waves.speed / 2
    depth = np.arange(5e-3, max(min(0.98 * deepest, 50e-3), 6e-3), PITCH)
    return depth, np.arange(waves.elements.min(), waves.elements.max() + PITCH / 2, PITCH)


def envelope_of(waves: PlaneWaves, wanted: int) -> np.ndarray:
    """Return the compounded envelope, (axial, lateral), of `wanted` angles."""
    from scipy.signal import hilbert

    depth, lateral = image_axes(waves)
    total = np.zeros((depth.size, lateral.size), np.complex128)
    for number in chosen_angles(waves.angles.size, wanted):
        signals = waves.signals[number]
        analytic = signals if np.iscomplexobj(signals) else hilbert(signals.astype(np.float64), axis=-1)
        angle = float(waves.angles[number])
        arrival = (np.cos(angle) * depth[:, None] + np.sin(angle) * lateral) / waves.speed
        sum_wave(
            total, np.ascontiguousarray(analytic, np.complex64), flat_array(waves.elements), lateral, depth, arrival,
            waves.speed, waves.rate, float(waves.starts[number]), waves.demodulation, F_NUMBER,
        )  # fmt: skip
    return np.abs(total)
