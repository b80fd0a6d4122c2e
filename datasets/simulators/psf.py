"""Speckle from complex scatterers and a separable point-spread function, with attenuation, clutter and noise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from usbench.core.sample import Sample
from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.ultrasound.bmode import DEFAULT_DYNAMIC_RANGE_DB, log_compress, log_expand
from usbench.ultrasound.expected_display import expected_display, in_16_bits, white_level
from usbench.ultrasound.speckle_model import filter_axially, filter_by_depth, power_axially, power_by_depth, scatter

from .geometry import Convex, Geometry, Linear

FLUID, TISSUE, BRIGHT, BONE = 0.05, 0.2, 0.85, 0.95  # grey: below FLUID nothing is absorbed, from BONE a shadow is cast
WHITE = 0.999  # grey of wires and of what is saturated
WIRE_PIXELS = 3.5  # white pixels in a square of 5 x 5: more are no wire
CLUTTER_REACH = 1 / 16  # of the image's sides: standard deviation of the neighbourhood that clutter comes from
ARRAY_RADIUS = 0.3  # of the image's height

Width = Annotated[float, Field(gt=0, le=20)]


@dataclass(frozen=True)
class Echoes:
    """Gain, clutter and noise along the scan's lines, as planes (samples, lines).

    Attributes
    ----------
    gain
        Factor of the amplitude of tissue, from attenuation and time-gain compensation.
    clutter, noise
        Root mean square of the clutter and of the electronic noise, after time-gain compensation.
    """

    gain: np.ndarray
    clutter: np.ndarray
    noise: np.ndarray


@dataclass(frozen=True)
class Psf(Simulator):
    r"""Convolution of complex scatterers with a separable PSF, envelope detection and log compression.

    The clean image is the displayed echogenicity: amplitude :math:`a = 10^{(x-1)R/20}` with :math:`R` the dynamic range
    of the source, or of the display if the source has none. The field is

    .. math:: f = h * (\sqrt{g^2 a^2 + c^2}\, w) + p * (n\, w')

    with circular complex normal :math:`w, w'` of mean square 1 (:math:`|w| = 1` at wires, which therefore do not fade),
    the PSF :math:`h(z, l) = p(z) e^{-l^2/2\sigma_l^2}`, the pulse :math:`p \propto e^{-z^2/2\sigma_z^2}`,
    :math:`\sum |h|^2 = \sum |p|^2 = 1`, gain :math:`g`, clutter :math:`c` and electronic noise :math:`n`. A carrier
    would multiply :math:`h` by a phase, which circular scatterers absorb. The envelope :math:`e = |f|` is Rayleigh with
    mean square :math:`S = |h|^2 * (g^2 a^2 + c^2) + |p|^2 * n^2`. The display is :math:`1 + 20\log_{10}(e/e_w)/R`,
    clipped to [0, 1] and rounded to `bits`, where one pixel of the image is expected to exceed the white level
    :math:`e_w`. The reference is the expected display, the mean of that over draws of the speckle. It is a function of
    :math:`S` (`usbench.ultrasound.expected_display`), and blurred by the PSF like the image. Wires are not fully
    developed speckle: around them it is an approximation.

    Attenuation is given as the two-way loss in average tissue over the height of the image; 0.5 dB/cm/MHz at 5 MHz over
    4 cm are 20 dB. Black regions do not absorb, so that there is enhancement behind cysts. White regions absorb
    `shadow` times as much as tissue. Time-gain compensation compensates for tissue and amplifies noise as well.

    Parameters
    ----------
    axial, lateral
        Standard deviations :math:`\sigma_z, \sigma_l` of the PSF in pixels.
    divergence, focus
        The lateral width is :math:`\sigma_l \sqrt{1 + (d (z - z_f))^2}`, :math:`z` from 0 at the top to 1 at the
        bottom, as that of a beam with one transmit focus; divergence 0 is dynamic focusing, the same width everywhere.
    attenuation_db, tgc, shadow
        Two-way loss over the image's height in tissue, the part of it that is compensated, and how much more what is
        white absorbs.
    clutter_db
        Clutter, speckle itself, below the mean intensity of the neighbourhood (a Gaussian of 1/16 of the image): side
        lobes and reverberation fill cysts.
    noise_db
        Electronic noise at the top of the image, below what is white; independent from line to line.
    geometry, opening
        `linear`, or `convex`: lines that fan out over `opening` degrees, compressed, then scan-converted bilinearly;
        the lateral width then is in lines, which are 1 pixel apart at half depth. Outside the scan both images are
        black.
    dynamic_range_db
        Range :math:`R` of the display in dB; scanners offer 40-70.
    log_law
        Instead, a display of unknown law: :math:`\alpha\ln(255\,e/e_w + 1) + \beta` of 255, with
        :math:`\alpha \sim U[10, 50]`, :math:`\beta \sim U[-50, 50]` for each image, clipped (Raposo et al. 2021).
    bits
        Of the display; 0 does not round.

    References
    ----------
    Bamber, Dickinson, "Ultrasonic B-scanning: a computer simulation", Phys. Med. Biol. 25(3):463-479, 1980.
    """

    name = "psf"
    version = "3"
    card = SimulatorCard(
        title="Complex scatterers with a separable PSF",
        speckle="Complex normal scatterers of amplitude 10^((x-1) R / 20) and clutter 30 dB below their surroundings, "
        "convolved with a Gaussian PSF (axial 1 px, lateral 1.6 px); electronic noise 60 dB below white; envelope, "
        "20 log10 of envelope / white over R = 60 dB, clipped to [0, 1], rounded to 8 bit; one pixel is expected to be "
        "above white. The reference is the expected display, the mean over draws of the speckle, blurred by the PSF. "
        "Speckle is correlated over a few pixels.",
        citation="Bamber, Dickinson, Phys. Med. Biol. 25(3):463-479, 1980",
        doi="10.1088/0031-9155/25/3/006",
    )

    axial: Width = 1.0
    lateral: Width = 1.6
    divergence: Annotated[float, Field(ge=0, le=20)] = 0.0
    focus: Annotated[float, Field(ge=0, le=1)] = 0.5
    attenuation_db: Annotated[float, Field(ge=0, le=120)] = 0.0
    tgc: Annotated[float, Field(ge=0, le=2)] = 1.0
    shadow: Annotated[float, Field(ge=1, le=100)] = 20.0
    clutter_db: Annotated[float, Field(ge=-200, le=0)] = -30.0
    noise_db: Annotated[float, Field(ge=-200, le=0)] = -60.0
    geometry: Literal["linear", "convex"] = "linear"
    opening: Annotated[float, Field(gt=5, le=120)] = 65.0
    dynamic_range_db: Annotated[float, Field(ge=20, le=120)] = DEFAULT_DYNAMIC_RANGE_DB
    log_law: bool = False
    bits: Annotated[int, Field(ge=0, le=16)] = 8

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Simulate an image with the dynamic range of the display."""
        return self.simulate_sample(Sample("clean", clean), rng)

    def simulate_sample(self, clean: Sample, rng: np.random.Generator) -> Simulated:
        """Scatter, convolve, detect, compress and convert."""
        scan: Geometry = Linear()
        if self.geometry == "convex":
            height, width = clean.image.shape
            scan = Convex((height, width), np.deg2rad(self.opening), ARRAY_RADIUS * height)
        range_db = clean.dynamic_range_db or self.dynamic_range_db
        grey = scan.to_lines(clean.image.astype(np.float64))
        echoes = self.echoes(grey, range_db)
        amplitude = np.hypot(echoes.gain * log_expand(grey, range_db), echoes.clutter)
        envelope = self.envelope(amplitude, rng, echoes.noise, wires(grey))
        mean_square = self.mean_square(amplitude, echoes.noise)
        white = white_level(mean_square)
        display = self.display(rng)
        image = self._rounded(scan.to_pixels(display(envelope.astype(np.float64) / white)))
        rounded = (lambda plane: self._rounded(display(plane))) if scan.inside is None else display
        reference = in_16_bits(scan.to_pixels(expected_display(mean_square / white**2, rounded)))
        shown_db = None if self.log_law else self.dynamic_range_db
        return Simulated(image.astype(np.float32), reference, shown_db, scan.inside)

    def echoes(self, grey: np.ndarray, range_db: float) -> Echoes:
        """Return gain, clutter and noise for the echogenicity `grey`, (samples, lines), over `range_db`."""
        from scipy.ndimage import gaussian_filter

        absorbed = np.interp(grey, (FLUID, TISSUE, BRIGHT, BONE), (0, 1, 1, self.shadow))
        before = np.cumsum(absorbed, axis=0) - absorbed
        depth = np.arange(len(grey))[:, None]
        a_row = self.attenuation_db / len(grey)
        amplified = self.tgc * a_row * depth
        gain = _amplitude(amplified - a_row * before)
        reach = [max(1.0, CLUTTER_REACH * extent) for extent in grey.shape]
        intensity = gaussian_filter((gain * log_expand(grey, range_db)) ** 2, reach, mode="nearest", truncate=2.5)
        clutter = np.sqrt(intensity) * _amplitude(self.clutter_db)
        return Echoes(gain, clutter, np.broadcast_to(_amplitude(self.noise_db + amplified), grey.shape))

    def envelope(
        self,
        amplitude: np.ndarray,
        rng: np.random.Generator,
        noise: np.ndarray | float = 0.0,
        steady: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return the envelope, (samples, lines), of speckle and noise with these local root mean squares.

        `steady` is the mask of scatterers without random modulus.
        """
        down, across = self.margins
        margins = [(down, down), (across, across)]
        padded = np.pad(amplitude.astype(np.float32), margins, mode="symmetric")
        field = self.field(scatter(padded, rng, None if steady is None else np.pad(steady, margins)))
        if np.any(noise):
            rows = np.pad(np.broadcast_to(noise, amplitude.shape).astype(np.float32), [(down, down), (0, 0)], "edge")
            field = field + filter_axially(scatter(rows, rng), self.axial)[:, down:-down]
        return np.hypot(field[0], field[1])

    def mean_square(self, amplitude: np.ndarray, noise: np.ndarray | float = 0.0) -> np.ndarray:
        """Return the mean square over draws, (samples, lines), of the envelope that `envelope` returns."""
        down, across = self.margins
        margins = [(down, down), (across, across)]
        power = np.pad(np.asarray(amplitude, np.float64) ** 2, margins, mode="symmetric")[None]
        spread = power_by_depth(power, self.axial, self._padded_widths(amplitude.shape[0]))
        received = np.broadcast_to(np.asarray(noise, np.float64) ** 2, amplitude.shape)
        rows = np.pad(received, [(down, down), (0, 0)], "edge")[None]
        crop = slice(down, -down)
        return spread[0, crop, across:-across] + power_axially(rows, self.axial)[0, crop]

    @property
    def margins(self) -> tuple[int, int]:
        """Extent of the PSF, (axial, lateral) in pixels: four standard deviations where it is widest."""
        return int(np.ceil(4 * self.axial)), int(np.ceil(4 * self._widths(np.array([0.0, 1.0])).max()))

    def field(self, scatterers: np.ndarray) -> np.ndarray:
        """Return real and imaginary part of the field, (2, H, W), of scatterers padded by `margins`."""
        down, across = self.margins
        widths = self._padded_widths(scatterers.shape[1] - 2 * down)
        return filter_by_depth(scatterers, self.axial, widths)[:, down:-down, across:-across]

    def _padded_widths(self, height: int) -> np.ndarray:
        return np.pad(self._widths((np.arange(height) + 0.5) / height), self.margins[0], mode="edge")

    def _widths(self, depth: np.ndarray) -> np.ndarray:
        return self.lateral * np.sqrt(1 + (self.divergence * (depth - self.focus)) ** 2)

    def display(self, rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
        """Return the map from an envelope of maximum 1 to [0, 1]; with `log_law` it is random."""
        if not self.log_law:
            return lambda envelope: log_compress(envelope, self.dynamic_range_db)
        slope, offset = rng.uniform(10, 50), rng.uniform(-50, 50)
        return lambda envelope: np.clip((slope * np.log(255 * envelope + 1) + offset) / 255, 0, 1)

    def _rounded(self, image: np.ndarray) -> np.ndarray:
        white = 2**self.bits - 1
        return np.round(image * white) / white if self.bits else image


def wires(grey: np.ndarray) -> np.ndarray:
    """Return where an image is white in single pixels: targets smaller than a pixel, whose echo does not fade."""
    from scipy.ndimage import uniform_filter

    white = grey >= WHITE
    return white & (uniform_filter(white.astype(np.float64), 5, mode="constant") < WIRE_PIXELS / 25)


def _amplitude(decibel: Any) -> Any:
    return 10 ** (decibel / 20)
