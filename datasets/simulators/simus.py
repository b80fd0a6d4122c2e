"""Radio-frequency simulation with SIMUS, from scatterers to B-mode."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.errors import ImageError
from usbench.core.sample import Sample
from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.ultrasound.bmode import DEFAULT_DYNAMIC_RANGE_DB, log_compress, log_expand

from ..das import sum_wave
from .probe import SPEED, Path, Preset, Probe, point_spread_mm, probe

PIXEL_MM = 0.1  # of sources that do not say
MARGIN_MM = 1.0  # around the image that also scatters, so that speckle does not end at its edge
DEEPEST_MM = 250.0
WHOLE = 1e-3  # an f-number that leaves no element out
AT_ONCE = 500  # scatterers: their arrays fit the processor's cache
FWHM = 2.3548  # full width at half maximum of a Gaussian, in standard deviations
LIT_DB = 20.0  # below the median echogenicity; what is darker does not say how much gain a depth needs


@dataclass(frozen=True)
class Scatterers:
    """Point scatterers: positions in m and reflection coefficients, three arrays of one length."""

    lateral: np.ndarray
    depth: np.ndarray
    reflectivity: np.ndarray


@dataclass(frozen=True)
class Simus(Simulator):
    r"""SIMUS: echoes of point scatterers, beamformed, demodulated, compounded and compressed.

    Scatterers lie at random places, `density` of them in the area of a resolution cell (the -6 dB widths of the
    point-spread function); their reflection coefficients are normal with the amplitude
    :math:`a = 10^{(x - 1) R / 20}` of the clean image's pixel there. `pymust.simus` gives the radio-frequency signals
    of each element for a few plane waves (linear array) or diverging waves (phased, convex), without attenuation. They
    are demodulated, delayed and summed over the elements within :math:`z / 2F` of a pixel, and summed over the waves.

    Time-gain compensation is a polynomial of second degree in depth and lateral position, fitted in dB to envelope over
    echogenicity where the latter is within 20 dB of its median. The display is :math:`1 + 20\log_{10}(e / e_{max}) / R`
    clipped to [0, 1], and the reference the clean image on that scale: speckle has zero mean in the displayed image
    where there is no clutter. Side lobes, clutter and edge waves are in the image and not in the reference. Outside the
    scan both are black.

    Parameters
    ----------
    probe
        Linear L11-5v (7.6 MHz, 128 elements), phased P4-2v (2.7 MHz, 64) or convex C5-2v (3.6 MHz, 128).
    waves, steering
        Transmitted waves, and the angle in degrees to either side over which they are spread.
    f_number
        Of the receiving aperture, :math:`F`; the phased array receives with all of its elements.
    top
        Depth of the image's first row in mm.
    pixel
        Side of a pixel in mm; 0 takes the source's, or 0.1 mm if it does not say.
    density
        Scatterers in a resolution cell; speckle is fully developed from about 10.
    dynamic_range_db
        Range :math:`R` of the display in dB, and of the clean image if its source does not say.

    References
    ----------
    Garcia, "SIMUS: an open-source simulator for medical ultrasound imaging. Part I: theory & examples", Comput. Methods
    Programs Biomed. 218:106726, 2022. Compounding: Montaldo et al., IEEE Trans. UFFC 56(3):489-506, 2009.
    """

    name = "simus"
    card = SimulatorCard(
        title="Radio-frequency simulation (SIMUS)",
        speckle="Point scatterers at random places, 10 in a resolution cell, reflection coefficients normal with "
        "amplitude 10^((x-1) R / 20); radio-frequency signals by pymust's SIMUS for 3 waves, delay-and-sum with "
        "f-number 1.75, compounded coherently; gain fitted over depth; 20 log10 of envelope / maximum over R = 60 dB, "
        "clipped to [0, 1], not quantised. The reference is the clean image shifted by the same gain: clutter is not "
        "in it. About 30 CPU seconds a wave for 20 x 20 mm at 7.6 MHz.",
        citation="Garcia, Comput. Methods Programs Biomed. 218:106726, 2022",
        doi="10.1016/j.cmpb.2022.106726",
    )

    probe: Preset = "L11-5v"
    waves: Annotated[int, Field(ge=1, le=75)] = 3
    steering: Annotated[float, Field(ge=0, le=30)] = 8.0
    f_number: Annotated[float, Field(ge=0.5, le=8)] = 1.75
    top: Annotated[float, Field(ge=2, le=100)] = 10.0
    pixel: Annotated[float, Field(ge=0, le=1)] = 0.0
    density: Annotated[float, Field(gt=0, le=100)] = 10.0
    dynamic_range_db: Annotated[float, Field(ge=20, le=120)] = DEFAULT_DYNAMIC_RANGE_DB

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Simulate an image whose source does not say how large a pixel is."""
        return self.simulate_sample(Sample("clean", clean), rng)

    def simulate_sample(self, clean: Sample, rng: np.random.Generator) -> Simulated:
        """Scatter, transmit, beamform and compress.

        Raises
        ------
        ImageError
            If the image is wider than the array can see, or deeper than 250 mm.
        """
        spacing = self.spacing(clean)
        amplitude = self.amplitude(clean)
        depth, lateral = self.axes(clean.image.shape, spacing)
        scan = probe(self.probe).sees(lateral[None, :], depth[:, None])
        self._check(depth, lateral, scan)
        waves = probe(self.probe).paths(self.waves, self.steering)
        scatterers = self.scatter(amplitude, spacing, rng)
        field = np.zeros(amplitude.shape, np.complex128)
        for path in waves:
            field += beamform(probe(self.probe), path, echoes(probe(self.probe), path, scatterers), depth, lateral,
                              self.f_number)  # fmt: skip
        envelope = np.abs(field) / _gain(np.abs(field), amplitude, scan)
        brightest = envelope[scan].max()
        image, reference = (
            np.where(scan, log_compress(plane / brightest, self.dynamic_range_db), 0).astype(np.float32)
            for plane in (envelope, amplitude)
        )
        return Simulated(image, reference, self.dynamic_range_db, None if scan.all() else scan, spacing)

    def amplitude(self, clean: Sample) -> np.ndarray:
        """Return the amplitude of a clean sample's scatterers, (axial, lateral), 1 for white."""
        return log_expand(clean.image.astype(np.float64), clean.dynamic_range_db or self.dynamic_range_db)

    def spacing(self, clean: Sample) -> tuple[float, float]:
        """Return the size (axial, lateral) in mm that a pixel is taken to have."""
        if self.pixel:
            return self.pixel, self.pixel
        return clean.spacing or (PIXEL_MM, PIXEL_MM)

    def axes(self, shape: tuple[int, ...], spacing: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
        """Return depth and lateral position of the pixels in m."""
        depth = 1e-3 * (self.top + spacing[0] * np.arange(shape[0]))
        lateral = 1e-3 * spacing[1] * (np.arange(shape[1]) - (shape[1] - 1) / 2)
        return depth, lateral

    def scatter(self, amplitude: np.ndarray, spacing: tuple[float, float], rng: np.random.Generator) -> Scatterers:
        """Return random scatterers of an echogenicity map (amplitude) and of 1 mm around it."""
        depth, lateral = self.axes(amplitude.shape, spacing)
        margin = 1e-3 * MARGIN_MM
        low, high = (np.array([axis[end] for axis in (depth, lateral)]) for end in (0, -1))
        low, high = low - margin, high + margin
        axial, across = self.point_spread_mm(depth)
        cell = 1e-6 * FWHM**2 * axial * across
        count = max(1, round(float(np.prod(high - low)) * self.density / cell))
        places = rng.uniform(low, high, (count, 2))
        row, column = (
            np.clip(np.round((places[:, axis] - values[0]) / (1e-3 * spacing[axis])), 0, len(values) - 1).astype(int)
            for axis, values in enumerate((depth, lateral))
        )
        return Scatterers(places[:, 1], places[:, 0], amplitude[row, column] * rng.standard_normal(count))

    def point_spread_mm(self, depth: np.ndarray) -> tuple[float, float]:
        """Return the standard deviations (axial, lateral) in mm of the PSF in the middle of an image's depths (m)."""
        f_number = probe(self.probe).focusing(self.f_number, float(np.mean(depth)))
        return point_spread_mm(self.probe, f_number, self.waves, self.steering)

    def _check(self, depth: np.ndarray, lateral: np.ndarray, scan: np.ndarray) -> None:
        if 1e3 * depth[-1] > DEEPEST_MM:
            raise ImageError(
                f"The image reaches {1e3 * depth[-1]:.0f} mm deep where simus ends at {DEEPEST_MM:.0f} mm; "
                "give the simulator a pixel size in mm, as in simus[pixel=0.1]."
            )
        if scan[-1].mean() < 0.5:
            raise ImageError(
                f"The image is {1e3 * np.ptp(lateral):.0f} mm wide, of which the {self.probe} sees less than half; "
                "take another probe, or give the simulator a pixel size in mm, as in simus[pixel=0.1]."
            )


def echoes(array: Probe, path: Path, scatterers: Scatterers) -> np.ndarray:
    """Return what the elements receive of a wave, demodulated: (elements, samples) complex64 at the sampling frequency.

    The scatterers are taken a few at a time, which is faster; each part has one more at the farthest place, without any
    reflection, so that all parts have the same frequencies and length.
    """
    import pymust
    from scipy.signal import hilbert
    from threadpoolctl import threadpool_limits

    lateral, depth = array.elements[:2]
    departure = path.length(lateral, depth)
    delays = ((departure - departure.min()) / SPEED)[None]
    distance = np.hypot(scatterers.lateral[:, None] - lateral[[0, -1]], scatterers.depth[:, None] - depth[[0, -1]])
    farthest = int(np.argmax(distance.max(axis=1)))
    total: np.ndarray | float = 0.0
    for first in range(0, scatterers.depth.size, AT_ONCE):
        some = slice(first, first + AT_ONCE)
        x, z, reflectivity = (
            np.append(values[some], last)[None]
            for values, last in (
                (scatterers.lateral, scatterers.lateral[farthest]),
                (scatterers.depth, scatterers.depth[farthest]),
                (scatterers.reflectivity, 0.0),
            )
        )
        options = pymust.utils.Options()
        options.dBThresh, options.ElementSplitting = -60, 1
        with threadpool_limits(1):  # products this small only wait for each other's threads
            signals, _ = pymust.simus(x, z, reflectivity, delays.copy(), array.param.copy(), options)
        total = total + signals
    analytic = hilbert(np.asarray(total), axis=0)
    time = np.arange(len(analytic)) / array.param.fs
    return np.ascontiguousarray((analytic * np.exp(-2j * np.pi * array.param.fc * time)[:, None]).T, np.complex64)


def beamform(
    array: Probe, path: Path, received: np.ndarray, depth: np.ndarray, lateral: np.ndarray, f_number: float
) -> np.ndarray:
    """Return the complex image, (depth, lateral), of one wave by delay-and-sum."""
    departure = path.length(*array.elements[:2]).min()
    f_number = WHOLE if array.phased else f_number
    arrival = (path.length(lateral[None, :], depth[:, None]) - departure) / SPEED
    total = np.zeros((depth.size, lateral.size), np.complex128)
    sum_wave(
        total, received, array.elements, lateral, depth, arrival, SPEED, array.param.fs, 0.0, array.param.fc, f_number
    )
    return total


def _gain(envelope: np.ndarray, amplitude: np.ndarray, scan: np.ndarray) -> np.ndarray:
    """Return envelope over amplitude as a smooth function of place: a polynomial of second degree in dB."""
    level = 20 * np.log10(amplitude)
    lit = scan & (level >= np.median(level[scan]) - LIT_DB) & (envelope > 0)
    rows, columns = (
        np.linspace(-1, 1, extent).reshape(form)
        for extent, form in zip(envelope.shape, ((-1, 1), (1, -1)), strict=True)
    )
    one = np.ones(envelope.shape)
    terms = np.stack([one, rows * one, rows**2 * one, columns * one, columns**2 * one, rows * columns])
    measured = 20 * np.log10(envelope[lit]) - level[lit]
    fitted = np.linalg.lstsq(terms[:, lit].T, measured, rcond=None)[0]
    return 10 ** (np.tensordot(fitted, terms, axes=1) / 20)
