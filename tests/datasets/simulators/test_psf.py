"""The convolution model against closed forms of speckle, of its point-spread function and of what a scan adds."""

import numpy as np
import pytest
from scipy.stats import kstest, rayleigh
from usbench.datasets.simulators.geometry import Convex
from usbench.datasets.simulators.psf import Psf

import usbench
from usbench.metrics.resolution import wire_axial, wire_lateral
from usbench.ultrasound.bmode import log_expand
from usbench.ultrasound.speckle_size import autocorrelation_widths

SHAPE = (512, 512)
EVERYWHERE = np.ones(SHAPE, bool)
RAYLEIGH_SSNR = np.sqrt(np.pi / (4 - np.pi))
GEOMETRIC_MEAN = np.exp(-np.euler_gamma / 2)  # of a Rayleigh variable of mean square 1
PURE = {"clutter_db": -200, "noise_db": -200, "bits": 0}


def flat(value: float, shape=SHAPE) -> np.ndarray:
    return np.full(shape, value, np.float32)


def simulated(clean: np.ndarray, seed: int = 0, **parameters) -> usbench.Simulated:
    return Psf(**parameters).simulate(clean, np.random.default_rng(seed))


def test_the_envelope_is_rayleigh():
    envelope = Psf().envelope(np.ones(SHAPE), np.random.default_rng(0))
    assert (envelope**2).mean() == pytest.approx(1, rel=0.02)
    assert envelope.mean() / envelope.std() == pytest.approx(RAYLEIGH_SSNR, rel=0.02)
    assert (20 * np.log10(envelope)).std() == pytest.approx(5.57, rel=0.02)
    assert np.exp(np.log(envelope).mean()) == pytest.approx(GEOMETRIC_MEAN, rel=0.01)
    # as PICMUS does it: every 5th sample per axis, here far enough apart to be independent
    independent = envelope[::10, ::10].ravel()
    assert kstest(independent, rayleigh(scale=np.sqrt(0.5)).cdf).pvalue > 0.05


@pytest.mark.parametrize(("axial", "lateral"), [(1.0, 2.0), (1.5, 1.5)])
def test_the_intensity_is_correlated_as_the_squared_autocorrelation_of_the_psf(axial, lateral):
    envelope = Psf(axial=axial, lateral=lateral).envelope(np.ones(SHAPE), np.random.default_rng(0))
    expected = 2 * np.sqrt(2 * np.log(2)) * np.array([axial, lateral])  # of exp(-lag^2 / 2 sigma^2)
    assert autocorrelation_widths(envelope**2, EVERYWHERE) == pytest.approx(expected, rel=0.05)


def test_the_lateral_width_grows_away_from_the_focus_and_the_mean_square_stays():
    psf = Psf(lateral=1.5, divergence=4, focus=0.25)
    envelope = psf.envelope(np.ones(SHAPE), np.random.default_rng(1))
    for part in (0.25, 0.6, 0.95):
        rows = slice(int(part * 512) - 20, int(part * 512) + 20)
        width = autocorrelation_widths(envelope[rows] ** 2, EVERYWHERE[rows])[1]
        expected = 1.5 * np.sqrt(1 + (4 * (part - 0.25)) ** 2)
        assert width == pytest.approx(2.355 * expected, rel=0.15)
        assert (envelope[rows] ** 2).mean() == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize(("axial", "lateral"), [(1.0, 1.6), (1.4, 2.5)])
def test_a_wire_is_as_wide_as_the_psf(axial, lateral):
    clean = flat(0.1, (64, 64))
    clean[32, 30] = 1.0
    image = simulated(clean, axial=axial, lateral=lateral, **PURE).image
    half_db = 2 * np.sqrt(2 * np.log(10 ** (6 / 20)))  # full width of a Gaussian at -6 dB, in deviations
    assert wire_axial(image, (32, 30), 60.0) == pytest.approx(half_db * axial, rel=0.08)
    assert wire_lateral(image, (32, 30), 60.0) == pytest.approx(half_db * lateral, rel=0.08)


def test_wires_do_not_fade():
    clean = flat(0.0, (64, 256))
    clean[32, 20:250:30] = 1.0
    peaks = [simulated(clean, seed, **PURE).image[32, 20:250:30] for seed in range(5)]
    assert np.std(peaks) * 60 < 0.1  # dB; a normal amplitude would give 5.6


@pytest.mark.parametrize("level", [0.02, 0.3, 0.6])
def test_the_reference_is_the_mean_of_the_display(level):
    made = [simulated(flat(level, (256, 256)), seed, bits=0, noise_db=-50) for seed in range(6)]
    assert np.mean([m.image.mean() - m.reference.mean() for m in made]) == pytest.approx(0, abs=2e-3)


def test_the_display_has_the_deviation_of_log_compressed_speckle():
    made = simulated(flat(0.5))
    assert made.image.std() == pytest.approx(5.57 / 60, rel=0.03)
    assert made.image.max() == 1
    assert made.dynamic_range_db == 60
    assert np.allclose(made.image * 255, np.round(made.image * 255), atol=1e-4)


def test_contrast_is_kept_in_decibels_of_the_source():
    clean = flat(0.4)
    clean[:, 256:] = 0.6
    own = simulated(clean, dynamic_range_db=50, **PURE)
    assert own.image[:, 276:-20].mean() - own.image[:, 20:236].mean() == pytest.approx(0.2, abs=5e-3)
    assert own.reference[0, -1] - own.reference[0, 0] == pytest.approx(0.2, abs=1e-3)
    # a source that says 60 dB keeps its 12 dB, which are 0.24 of a display of 50 dB
    sample = usbench.Sample("x", clean, dynamic_range_db=60.0)
    simulated_60_db = Psf(dynamic_range_db=50, **PURE).simulate_sample(sample, np.random.default_rng(0))
    assert simulated_60_db.reference[0, -1] - simulated_60_db.reference[0, 0] == pytest.approx(0.24, abs=1e-3)


def test_clutter_fills_a_cyst_to_its_level():
    clean = flat(0.6, (256, 256))
    row, column = np.mgrid[:256, :256]
    cyst = np.hypot(row - 128, column - 128) < 16
    clean[cyst] = 0.0
    echoes = Psf(clutter_db=-20).echoes(clean, 60.0)
    background = log_expand(0.6, 60.0)
    # the neighbourhood's Gaussian has a deviation of 16 pixels: exp(-1/2) of its weight lies outside of the cyst
    assert 20 * np.log10(echoes.clutter[128, 128] / background) == pytest.approx(-20 + 10 * np.log10(0.6065), abs=0.25)
    inner = np.hypot(row - 128, column - 128) < 9  # the point-spread function's tails do not reach it
    made = [simulated(clean, seed, clutter_db=-20, noise_db=-200) for seed in range(5)]
    below = [60 * (m.image[~cyst].mean() - m.image[inner].mean()) for m in made]
    assert np.mean(below) == pytest.approx(22, abs=1)


def test_attenuation_is_compensated_in_tissue_and_noise_is_amplified():
    tissue = flat(0.5, (200, 50))
    for tgc, loss in ((1.0, 0.0), (0.0, 30.0), (0.5, 15.0)):
        echoes = Psf(attenuation_db=30, tgc=tgc).echoes(tissue, 60.0)
        assert 20 * np.log10(echoes.gain[-1, 0]) == pytest.approx(-loss * 199 / 200)
        assert 20 * np.log10(echoes.noise[-1, 0]) == pytest.approx(-60 + tgc * 30 * 199 / 200)


def test_enhancement_behind_fluid_and_shadow_behind_bone():
    clean = flat(0.5, (200, 90))
    clean[50:90, :30] = 0.0  # a fifth of the height without absorption: 0.2 * 30 dB
    clean[50:54, 60:] = 1.0  # 4 of 200 rows of 20 times the absorption
    gain = 20 * np.log10(Psf(attenuation_db=30, shadow=20).echoes(clean, 60.0).gain)
    assert gain[150, 15] == pytest.approx(6.0)
    assert gain[150, 45] == pytest.approx(0.0, abs=1e-9)
    assert gain[150, 75] == pytest.approx(-30 * 4 / 200 * 19)
    made = simulated(clean, attenuation_db=30, noise_db=-200)
    left, middle, right = (made.image[120:, part].mean() for part in (slice(5, 25), slice(35, 55), slice(65, 85)))
    assert left > middle + 0.07
    assert right < middle - 0.12
    for part in (slice(5, 25), slice(35, 55), slice(65, 85)):
        assert made.image[100:, part].mean() == pytest.approx(made.reference[100:, part].mean(), abs=0.02)


def test_electronic_noise_is_independent_from_line_to_line():
    noise = Psf(axial=2.0).envelope(np.zeros(SHAPE), np.random.default_rng(0), noise=1.0)
    assert (noise**2).mean() == pytest.approx(1, rel=0.03)
    axial, lateral = autocorrelation_widths(noise**2, EVERYWHERE)
    assert axial == pytest.approx(2.355 * 2, rel=0.05)
    assert lateral < 1.1


def test_a_convex_scan_is_aligned_with_its_reference():
    differences = []
    for sample in usbench.load_dataset("phantom[count=8]+psf[geometry=convex]"):
        outside = sample.reference == 0
        assert 0.1 < outside.mean() < 0.5
        assert not sample.image[outside].any()
        for target, background in sample.rois.contrast:
            for name in (target, background):
                mask = sample.rois.masks[name]
                assert not (mask & outside).any()
                differences.append(sample.image[mask].mean() - sample.reference[mask].mean())
    assert np.mean(differences) == pytest.approx(0, abs=0.006)
    assert np.std(differences) < 0.025  # of a region's mean over some ten grains


def test_scan_conversion_brings_a_smooth_image_back_to_where_it_was():
    row, column = np.mgrid[:200, :240]
    smooth = 0.5 + 0.2 * np.sin(row / 15) * np.cos(column / 18)
    scan = Convex((200, 240), np.deg2rad(70), 60.0)
    again = scan.to_pixels(scan.to_lines(smooth))
    assert np.abs(again - smooth)[scan.inside].max() < 4e-3
    assert not again[~scan.inside].any()
    # closed form: the sector's area less that of the array's disc, and what the image's sides cut off
    assert scan.inside[-1].any()
    assert not scan.inside[0, 120]
    assert scan.inside[int(60 * (1 - np.cos(np.deg2rad(35)))) + 2, 120]


def test_the_log_law_is_drawn_for_each_image_and_its_reference_follows():
    made = [simulated(flat(0.6, (128, 128)), seed, log_law=True) for seed in range(12)]
    assert len({float(m.reference.mean()) for m in made}) == 12
    assert all(m.dynamic_range_db is None for m in made)
    assert [m.image.mean() for m in made] == pytest.approx([m.reference.mean() for m in made], abs=0.01)


def test_its_version_is_in_the_version_of_the_set_and_in_its_noise():
    dataset = usbench.load_dataset("phantom[count=1]+psf")
    assert dataset.version == f"1+{Psf.version}"
    assert usbench.load_dataset("phantom[count=1]+gamma").version == "1+2"
