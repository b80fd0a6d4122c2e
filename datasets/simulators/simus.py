"""Radio-frequency simulation with SIMUS, from scatterers to B-mode."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.errors import ImageError
from usbench.core.sample import Sample
from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.ultrasound.bmode import DEFAULT_DYNAMIC_RANGE_DB, log_compress, log_expand
from usbench.ultrasound.expected_display import expected_display, in_16_bits, white_level

from ..das import sum_wave
from .probe import SPEED, Path, Preset, Probe, point_spread_mm, probe

PIXEL_MM = 0.1  # for sources without a pixel size
MARGIN_MM = 1.0  # width of the scattering margin around the image, so that speckle does not end at its edge
DEEPEST_MM = 250.0
WHOLE = 1e-3  # an f-number that uses all elements
AT_ONCE = 500  # scatterers; their arrays fit the processor's cache
FWHM = 2.3548  # full width at half maximum of a Gaussian, in standard deviations
LIT_DB = 20.0  # pixels darker than the median echogenicity by more than this are not used to fit the gain


@dataclass(frozen=True)
class Scatterers:
    """Point scatterers: positions in m and reflection coefficients, three arrays of one length."""

    lateral: np.ndarray
    depth: np.ndarray
    reflectivity: np.ndarray


@dataclass(frozen=True)
class Simus(Simulator):
    r"""SIMUS: echoes of point scatterers, beamformed, demodulated, compounded and compressed.

    Scatterers are placed at random, `density` of them in the area of a resolution cell (the -6 dB widths of the
    point-spread function). Their reflection coefficients are normal, with the amplitude
    :math:`a = 10^{(x - 1) R / 20}` of the clean image at their position. `pymust.simus` computes the radio-frequency
    signals of each element for a few plane waves (linear array) or diverging waves (phased, convex), without
    attenuation. They are demodulated, delayed, summed over the elements within :math:`z / 2F` of a pixel, and summed
    over the waves.

    The mean square of the envelope over draws of the scatterers is :math:`S = \sum |h(x; x')|^2 a^2(x')`, with the
    point-spread function :math:`h`, side lobes and clutter included, simulated at nine places and interpolated
    between. Time-gain compensation is a polynomial of second degree in depth and lateral position, fitted in dB to
    :math:`S` over echogenicity where the latter is within 20 dB of its median. The display is
    :math:`1 + 20\log_{10}(e / e_w) / R` clipped to [0, 1], where one pixel is expected to exceed the white level
    :math:`e_w`, and the reference is the expected display, its mean over draws. Outside the scan both are black.

    Parameters
    ----------
    probe
        Linear L11-5v (7.6 MHz, 128 elements), phased P4-2v (2.7 MHz, 64) or convex C5-2v (3.6 MHz, 128).
    waves, steering
        Number of transmitted waves, and their greatest steering angle in degrees.
    f_number
        F-number :math:`F` of the receiving aperture; the phased array receives with all of its elements.
    top
        Depth of the image's first row in mm.
    pixel
        Side of a pixel in mm; 0 uses that of the source, or 0.1 mm if it has none.
    density
        Scatterers in a resolution cell; speckle is fully developed from about 10.
    dynamic_range_db
        Range :math:`R` of the display in dB, and of the clean image if its source has none.

    References
    ----------
    Garcia, "SIMUS: an open-source simulator for medical ultrasound imaging. Part I: theory & examples", Comput. Methods
    Programs Biomed. 218:106726, 2022. Compounding: Montaldo et al., IEEE Trans. UFFC 56(3):489-506, 2009.
    """

    name = "simus"
    version = "2"
    card = SimulatorCard(
        title="Radio-frequency simulation (SIMUS)",
        speckle="Point scatterers at random places, 10 in a resolution cell, reflection coefficients normal with "
        "amplitude 10^((x-1) R / 20); radio-frequency signals by pymust's SIMUS for 3 waves, delay-and-sum with "
        "f-number 1.75, compounded coherently; gain fitted over depth; 20 log10 of envelope / white over R = 60 dB, "
        "clipped to [0, 1], not quantised; one pixel is expected to be above white. The reference is the expected "
        "display, the mean over draws, blurred by the point-spread function and with its clutter. About 30 CPU "
        "seconds a wave for 20 x 20 mm at 7.6 MHz.",
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
        """Simulate an image without a pixel size."""
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
        envelope = np.abs(self.received(waves, scatterers, depth, lateral))
        mean_square = self.mean_square(amplitude, spacing)
        gain = _gain(np.sqrt(mean_square), amplitude, scan)
        white = white_level((mean_square / gain**2)[scan])

        def display(plane: np.ndarray) -> np.ndarray:
            return log_compress(plane, self.dynamic_range_db)

        image = in_16_bits(np.where(scan, display(envelope / gain / white), 0))
        reference = np.where(scan, expected_display(mean_square / (gain * white) ** 2, display), 0)
        shown = reference.astype(np.float32)
        return Simulated(image, shown, self.dynamic_range_db, None if scan.all() else scan, spacing)

    def received(
        self, waves: Sequence[Path], scatterers: Scatterers, depth: np.ndarray, lateral: np.ndarray
    ) -> np.ndarray:
        """Return the complex image, (depth, lateral), of scatterers, summed over the waves."""
        array = probe(self.probe)
        field = np.zeros((depth.size, lateral.size), np.complex128)
        for path in waves:
            field += beamform(array, path, echoes(array, path, scatterers), depth, lateral, self.f_number)
        return field

    def mean_square(self, amplitude: np.ndarray, spacing: tuple[float, float]) -> np.ndarray:
        """Return the mean square over draws, (axial, lateral), of the envelope before any gain."""
        from scipy.signal import fftconvolve

        margins = [round(MARGIN_MM / side) for side in spacing]
        a_pixel = self.density * 1e-6 * spacing[0] * spacing[1] / self._cell(amplitude.shape, spacing)
        power = np.pad(amplitude**2, [(margin, margin) for margin in margins], mode="edge") * a_pixel
        total = np.zeros(amplitude.shape)
        for (row, column), response in _point_spreads(self, amplitude.shape, spacing).items():
            weight = np.outer(
                *(
                    _hat(extent, place, margin)
                    for extent, place, margin in zip(amplitude.shape, (row, column), margins, strict=True)
                )
            )
            spread = fftconvolve(power * weight, response)
            rows, columns = (
                slice(place + margin, place + margin + extent)
                for place, margin, extent in zip((row, column), margins, amplitude.shape, strict=True)
            )
            total += spread[rows, columns]
        return np.maximum(total, 0)

    def amplitude(self, clean: Sample) -> np.ndarray:
        """Return the amplitude of the scatterers of a clean sample, (axial, lateral), 1 for white."""
        return log_expand(clean.image.astype(np.float64), clean.dynamic_range_db or self.dynamic_range_db)

    def spacing(self, clean: Sample) -> tuple[float, float]:
        """Return the pixel size (axial, lateral) in mm that is used."""
        if self.pixel:
            return self.pixel, self.pixel
        return clean.spacing or (PIXEL_MM, PIXEL_MM)

    def axes(self, shape: tuple[int, ...], spacing: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
        """Return depth and lateral position of the pixels in m."""
        depth = 1e-3 * (self.top + spacing[0] * np.arange(shape[0]))
        lateral = 1e-3 * spacing[1] * (np.arange(shape[1]) - (shape[1] - 1) / 2)
        return depth, lateral

    def scatter(self, amplitude: np.ndarray, spacing: tuple[float, float], rng: np.random.Generator) -> Scatterers:
        """Return random scatterers for an amplitude map and for a margin of 1 mm around it."""
        depth, lateral = self.axes(amplitude.shape, spacing)
        margin = 1e-3 * MARGIN_MM
        low, high = (np.array([axis[end] for axis in (depth, lateral)]) for end in (0, -1))
        low, high = low - margin, high + margin
        cell = self._cell(amplitude.shape, spacing)
        count = max(1, round(float(np.prod(high - low)) * self.density / cell))
        places = rng.uniform(low, high, (count, 2))
        row, column = (
            np.clip(np.round((places[:, axis] - values[0]) / (1e-3 * spacing[axis])), 0, len(values) - 1).astype(int)
            for axis, values in enumerate((depth, lateral))
        )
        return Scatterers(places[:, 1], places[:, 0], amplitude[row, column] * rng.standard_normal(count))

    def _cell(self, shape: tuple[int, ...], spacing: tuple[float, float]) -> float:
        """Return the area of a resolution cell in m^2."""
        axial, across = self.point_spread_mm(self.axes(shape, spacing)[0])
        return 1e-6 * FWHM**2 * axial * across

    def point_spread_mm(self, depth: np.ndarray) -> tuple[float, float]:
        """Return the standard deviations (axial, lateral) in mm of the PSF at the mean depth (m) of an image."""
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
    """Return the demodulated signals of the elements for a wave, (elements, samples) complex64.

    The scatterers are processed in batches, which is faster. Each batch has an extra scatterer of zero reflectivity at
    the farthest position, so that all batches have the same frequencies and length.
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
        with threadpool_limits(1):  # the products are too small for several threads
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


@cache
def _point_spreads(
    simus: Simus, shape: tuple[int, ...], spacing: tuple[float, float]
) -> dict[tuple[int, int], np.ndarray]:
    """Return the squared modulus, over the whole image, of what point scatterers at nine pixels look like."""
    depth, lateral = simus.axes(shape, spacing)
    waves = probe(simus.probe).paths(simus.waves, simus.steering)
    # silent scatterers in the far corners: the frequencies, and with them the scale, are those of a whole image
    margin = 1e-3 * MARGIN_MM
    corners = [lateral[0] - margin, lateral[-1] + margin], [depth[-1] + margin] * 2
    found = {}
    for row in _knots(shape[0]):
        for column in _knots(shape[1]):
            places = np.append(lateral[column], corners[0]), np.append(depth[row], corners[1])
            point = Scatterers(*places, np.array([1.0, 0.0, 0.0]))
            found[row, column] = np.abs(simus.received(waves, point, depth, lateral)) ** 2
    return found


def _knots(extent: int) -> list[int]:
    """Return the three places along an axis where the point-spread function is simulated."""
    return [round(part * (extent - 1)) for part in (1 / 6, 1 / 2, 5 / 6)]


def _hat(extent: int, knot: int, margin: int) -> np.ndarray:
    """Return the weight of a knot along an axis with margins: 1 there, 0 at the other knots, linear between."""
    knots = _knots(extent)
    values = [float(place == knot) for place in knots]
    return np.interp(np.arange(-margin, extent + margin), knots, values)


def _gain(envelope: np.ndarray, amplitude: np.ndarray, scan: np.ndarray) -> np.ndarray:
    """Return envelope over amplitude as a smooth function of position: a polynomial of second degree in dB."""
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
