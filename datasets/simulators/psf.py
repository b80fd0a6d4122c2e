"""Speckle from complex scatterers and a separable point-spread function, with what a scan adds to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from usbench.core.sample import Sample
from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.ultrasound.bmode import DEFAULT_DYNAMIC_RANGE_DB, log_compress, log_expand
from usbench.ultrasound.speckle_model import filter_axially, filter_by_depth, scatter

from .geometry import Convex, Geometry, Linear

FLUID, TISSUE, BRIGHT, BONE = 0.05, 0.2, 0.85, 0.95  # grey: below FLUID nothing is absorbed, from BONE a shadow is cast
WHITE = 0.999  # grey of wires and of what is saturated
CLUTTER_REACH = 1 / 16  # of the image's sides: standard deviation of the neighbourhood that clutter comes from
ARRAY_RADIUS = 0.3  # of the image's height

Width = Annotated[float, Field(gt=0, le=20)]


@dataclass(frozen=True)
class Echoes:
    """Root mean squares of what returns along the scan's lines, as planes (samples, lines).

    Attributes
    ----------
    gain
        Amplitude that tissue is shown with, over its own: attenuation and time-gain compensation.
    clutter, noise
        Of the clutter and of the electronic noise, after time-gain compensation.
    """

    gain: np.ndarray
    clutter: np.ndarray
    noise: np.ndarray


@dataclass(frozen=True)
class Psf(Simulator):
    r"""Convolution of complex scatterers with a separable PSF, envelope detection and log compression.

    The clean image is the displayed echogenicity: amplitude :math:`a = 10^{(x-1)R/20}` with :math:`R` the source's
    dynamic range, or the display's if the source does not say. The field is

    .. math:: f = h * (\sqrt{g^2 a^2 + c^2}\, w) + p * (n\, w')

    with circular complex normal :math:`w, w'` of mean square 1 (:math:`|w| = 1` where the clean image is white, so that
    wires do not fade), the PSF :math:`h(z, l) = p(z) e^{-l^2/2\sigma_l^2}`, the pulse
    :math:`p \propto e^{-z^2/2\sigma_z^2}`, :math:`\sum |h|^2 = \sum |p|^2 = 1`, gain :math:`g`, clutter :math:`c` and
    electronic noise :math:`n`. A carrier would multiply :math:`h` by a phase, which circular scatterers absorb. So a
    flat region has a Rayleigh envelope :math:`e = |f|` of mean square :math:`g^2 a^2 + c^2 + n^2`. The display is
    :math:`1 + 20\log_{10}(e/e_{max})/R` clipped to [0, 1] and rounded to `bits`. The reference is the mean of the
    display over draws of the speckle, without the PSF's blur: where nothing is clipped, that of the geometric mean of
    the envelope, :math:`e^{-\gamma/2}` times its root mean square.

    Attenuation is given as the loss in average tissue from the top of the image to its bottom and back; 0.5 dB/cm/MHz
    at 5 MHz over 4 cm are 20 dB. What is black absorbs nothing, so that there is enhancement behind cysts; what is
    white absorbs `shadow` times as much as tissue. Time-gain compensation makes up for tissue, and amplifies noise
    alike.

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
        Instead, a display of unknown law: :math:`\alpha\ln(255\,e/e_{max} + 1) + \beta` of 255, with
        :math:`\alpha \sim U[10, 50]`, :math:`\beta \sim U[-50, 50]` for each image, clipped (Raposo et al. 2021).
    bits
        Of the display; 0 does not round.

    References
    ----------
    Bamber, Dickinson, "Ultrasonic B-scanning: a computer simulation", Phys. Med. Biol. 25(3):463-479, 1980.
    """

    name = "psf"
    version = "2"
    card = SimulatorCard(
        title="Complex scatterers with a separable PSF",
        speckle="Complex normal scatterers of amplitude 10^((x-1) R / 20) and clutter 30 dB below their surroundings, "
        "convolved with a Gaussian PSF (axial 1 px, lateral 1.6 px); electronic noise 60 dB below white; envelope, "
        "20 log10 of envelope / maximum over R = 60 dB, clipped to [0, 1], rounded to 8 bit; the reference is the "
        "display's mean over draws of the speckle. Speckle is correlated over a few pixels.",
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
        """Simulate an image whose grey stands for the display's own range."""
        return self.simulate_sample(Sample("clean", clean), rng)

    def simulate_sample(self, clean: Sample, rng: np.random.Generator) -> Simulated:
        """Scatter, convolve, detect, compress and convert."""
        scan: Geometry = Linear()
        if self.geometry == "convex":
            height, width = clean.image.shape
            scan = Convex((height, width), np.deg2rad(self.opening), ARRAY_RADIUS * height)
        range_db = clean.dynamic_range_db or self.dynamic_range_db
        grey = scan.to_lines(clean.image)
        echoes = self.echoes(grey, range_db)
        tissue = echoes.gain * log_expand(grey, range_db)
        envelope = self.envelope(np.hypot(tissue, echoes.clutter), rng, echoes.noise, grey >= WHITE)
        brightest = envelope.max()
        display = self.display(rng)
        image = self._rounded(scan.to_pixels(display(envelope / brightest)))

        gain, clutter, noise = (scan.to_pixels(plane) for plane in (echoes.gain, echoes.clutter, echoes.noise))
        level = np.sqrt((gain * log_expand(clean.image, range_db)) ** 2 + clutter**2 + noise**2)
        reference = mean_display(level / brightest, display)
        if scan.inside is not None:
            reference = np.where(scan.inside, reference, 0)
        shown_db = None if self.log_law else self.dynamic_range_db
        return Simulated(image.astype(np.float32), reference.astype(np.float32), shown_db, scan.inside)

    def echoes(self, grey: np.ndarray, range_db: float) -> Echoes:
        """Return gain, clutter and noise of what is shown as `grey`, (samples, lines), over so many dB."""
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
        """Return the envelope, (samples, lines), of speckle and noise of these local root mean squares.

        `steady` is where scatterers have no random modulus.
        """
        down, across = self.margins
        margins = [(down, down), (across, across)]
        padded = np.pad(amplitude.astype(np.float32), margins, mode="symmetric")
        field = self.field(scatter(padded, rng, None if steady is None else np.pad(steady, margins)))
        if np.any(noise):
            rows = np.pad(np.broadcast_to(noise, amplitude.shape).astype(np.float32), [(down, down), (0, 0)], "edge")
            field = field + filter_axially(scatter(rows, rng), self.axial)[:, down:-down]
        return np.hypot(field[0], field[1])

    @property
    def margins(self) -> tuple[int, int]:
        """How far the PSF reaches, (axial, lateral) in pixels: four standard deviations where it is widest."""
        return int(np.ceil(4 * self.axial)), int(np.ceil(4 * self._widths(np.array([0.0, 1.0])).max()))

    def field(self, scatterers: np.ndarray) -> np.ndarray:
        """Return real and imaginary part, (2, H, W), of scatterers, which have `margins` on all sides more."""
        down, across = self.margins
        height = scatterers.shape[1] - 2 * down
        widths = np.pad(self._widths((np.arange(height) + 0.5) / height), down, mode="edge")
        return filter_by_depth(scatterers, self.axial, widths)[:, down:-down, across:-across]

    def _widths(self, depth: np.ndarray) -> np.ndarray:
        return self.lateral * np.sqrt(1 + (self.divergence * (depth - self.focus)) ** 2)

    def display(self, rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
        """Return the map from an envelope of maximum 1 to [0, 1]; that of an unknown scanner is drawn."""
        if not self.log_law:
            return lambda envelope: log_compress(envelope, self.dynamic_range_db)
        slope, offset = rng.uniform(10, 50), rng.uniform(-50, 50)
        return lambda envelope: np.clip((slope * np.log(255 * envelope + 1) + offset) / 255, 0, 1)

    def _rounded(self, image: np.ndarray) -> np.ndarray:
        white = 2**self.bits - 1
        return np.round(image * white) / white if self.bits else image


def mean_display(level: np.ndarray, display: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the mean of the display of Rayleigh envelopes whose root mean square is `level`.

    The mean is over 512 quantiles of the Rayleigh distribution, at levels 0.25 dB apart, linear between.
    """
    decades = np.arange(-8, 1.0001, 0.0125)
    quantiles = np.sqrt(-np.log1p(-(np.arange(512) + 0.5) / 512))
    means = display(10 ** decades[:, None] * quantiles).mean(axis=1)
    return np.interp(np.log10(np.maximum(level, 1e-8)), decades, means)


def _amplitude(decibel: Any) -> Any:
    return 10 ** (decibel / 20)
