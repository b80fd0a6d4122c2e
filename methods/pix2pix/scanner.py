"""A random scanner that shows maps of echogenicity, for training despecklers.

Unlike the suite's simulators it shows two maps with the same speckle, so that a network learns what a change of tissue
looks like. References are expected displays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

MARGIN = 16  # pixels; the field is periodic, and the border of a map is not shown
AXIAL, LATERAL = (0.6, 6.0), (0.7, 6.0)  # pixels; standard deviations of the point-spread function
QUANTILES = 128  # of the envelope's distribution
DRAWS = 100_000
LEVELS = np.linspace(-1.5, 2.5, 401)  # of the dynamic range, below white


@dataclass(frozen=True)
class Scanner:
    """Point-spread function and display of a scanner.

    Attributes
    ----------
    axial, lateral, angle
        Standard deviations of the point-spread function in pixels, and its inclination in radians.
    aperture
        Whether the lateral profile is the sinc of a rectangular aperture; else a Gaussian.
    looks
        Independent envelopes that are averaged.
    range_db, gain_db
        Dynamic range, and level of echogenicity 0 below white (negative).
    floor_db
        Electronic noise against echogenicity 0.
    power
        Exponent of the grey map.
    filtered
        A scanner's own filter of the display: positive for a Gaussian of that sigma in pixels, negative for unsharp
        masking of that strength, 0 for none.
    bits
        Bits of the image.
    """

    axial: float
    lateral: float
    angle: float
    aperture: bool
    looks: int
    range_db: float
    gain_db: float
    floor_db: float
    power: float
    filtered: float
    bits: int

    @classmethod
    def drawn(cls, rng: np.random.Generator, looks: int | None = None) -> "Scanner":
        """Return a random scanner; grains are between isotropic and three times as wide as long."""
        axial = float(np.exp(rng.uniform(*np.log(AXIAL))))
        lateral = float(np.clip(axial * np.exp(rng.uniform(np.log(0.9), np.log(3))), *LATERAL))
        range_db = float(rng.uniform(40, 70))
        processing = rng.random()
        filtered = 0.0
        if processing < 0.4:
            filtered = max(0.3, axial * float(rng.uniform(0.15, 0.6)))
        elif processing < 0.5:
            filtered = -float(rng.uniform(0.2, 1.0))
        return cls(
            axial=axial,
            lateral=lateral,
            angle=float(np.deg2rad(rng.uniform(-40, 40)) * (rng.random() < 0.4)),
            aperture=bool(rng.random() < 0.35),
            looks=looks or (1 if rng.random() < 0.5 else round(2 ** rng.uniform(1, 4))),
            range_db=range_db,
            gain_db=-range_db * float(rng.uniform(0.2, 0.75)),
            floor_db=float(rng.uniform(-60, -15)) if rng.random() < 0.7 else -np.inf,
            power=1.0 if rng.random() < 0.5 else float(2 ** rng.uniform(-0.3, 1.0)),
            filtered=filtered,
            bits=8 if rng.random() < 0.8 else int(rng.integers(3, 8)),
        )

    def show(self, maps: Sequence[np.ndarray], rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the display of each map and its mean over draws of the speckle, float32 without the margin.

        Parameters
        ----------
        maps
            Echogenicity in dB, (n, n) each; all are shown with the same speckle.
        rng
            Draws the speckle.
        """
        from scipy.fft import irfft2, rfft2

        size = maps[0].shape[0]
        psf = self._point_spread(size)
        power_spread = rfft2(psf**2)
        amplitudes = [10 ** (np.clip(plane, -70, 35) / 20).astype(np.float32) for plane in maps]
        inner = (slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
        shown = []
        for amplitude, envelope in zip(amplitudes, self._envelopes(amplitudes, psf, rng), strict=True):
            mean_square = irfft2(rfft2(amplitude**2) * power_spread, (size, size)) + 10 ** (self.floor_db / 10)
            image = self._rounded(self._filter(self._display(20 * np.log10(np.maximum(envelope, 1e-9)))))
            reference = self._filter(self._expected(10 * np.log10(np.maximum(mean_square, 1e-12))))
            shown.append((image[inner].astype(np.float32), np.clip(reference[inner], 0, 1).astype(np.float32)))
        return shown

    def _envelopes(
        self, amplitudes: Sequence[np.ndarray], psf: np.ndarray, rng: np.random.Generator
    ) -> list[np.ndarray]:
        """Return the mean envelope of each map over the looks."""
        from scipy.fft import fft2, ifft2

        transfer = fft2(psf)
        floor = np.float32(10 ** (self.floor_db / 20))
        totals = [np.zeros(psf.shape, np.float32) for _ in amplitudes]
        for _ in range(self.looks):
            scatterers, noise = (_complex_normal(rng, psf.shape) for _ in range(2))
            for total, amplitude in zip(totals, amplitudes, strict=True):
                total += np.abs(ifft2(fft2(scatterers * amplitude) * transfer) + floor * noise)
        return [total / self.looks for total in totals]

    def _point_spread(self, size: int) -> np.ndarray:
        """Return the point-spread function of unit energy, (size, size) float32, around the corner."""
        axis = (np.arange(size) + size // 2) % size - size // 2
        down, right = np.meshgrid(axis, axis, indexing="ij")
        z = np.cos(self.angle) * down + np.sin(self.angle) * right
        x = np.cos(self.angle) * right - np.sin(self.angle) * down
        beam = np.exp(-0.5 * (x / self.lateral) ** 2)
        if self.aperture:
            beam = np.sinc(x / (2.4 * self.lateral)) * np.exp(-0.5 * (x / (3 * self.lateral)) ** 2)
        psf = beam * np.exp(-0.5 * (z / self.axial) ** 2)
        return (psf / np.sqrt((psf**2).sum())).astype(np.float32)

    def _display(self, decibels: np.ndarray) -> np.ndarray:
        return np.clip(1 + (decibels + self.gain_db) / self.range_db, 0, 1) ** self.power

    def _expected(self, mean_square_db: np.ndarray) -> np.ndarray:
        """Return the mean display at each pixel, by the level of its mean square in dB."""
        levels = (LEVELS - 1) * self.range_db - self.gain_db
        shown = self._display(levels[:, None] + _envelope_db(self.looks))
        if not self.filtered:
            shown = self._rounded(shown)
        return np.interp(mean_square_db, levels, shown.mean(axis=1))

    def _filter(self, image: np.ndarray) -> np.ndarray:
        from scipy.ndimage import gaussian_filter

        if self.filtered > 0:
            return gaussian_filter(image, self.filtered)
        if self.filtered < 0:
            return np.clip(image - self.filtered * (image - gaussian_filter(image, 1.5)), 0, 1)
        return image

    def _rounded(self, image: np.ndarray) -> np.ndarray:
        steps = 2**self.bits - 1
        return np.round(image * steps) / steps


def _complex_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return circular complex Gaussian values of mean square 1, complex64."""
    parts = rng.standard_normal((*shape, 2), dtype=np.float32) * np.float32(np.sqrt(0.5))
    return parts.view(np.complex64)[..., 0]


@cache
def _envelope_db(looks: int) -> np.ndarray:
    """Return quantiles, in dB, of the mean of independent Rayleigh envelopes of mean square 1."""
    envelopes = np.random.default_rng(0).rayleigh(np.sqrt(0.5), (looks, DRAWS)).mean(axis=0)
    return 20 * np.log10(np.quantile(envelopes, (np.arange(QUANTILES) + 0.5) / QUANTILES))
