"""The expected display against sampled speckle and closed forms."""

import numpy as np
import pytest

from usbench.ultrasound.bmode import log_compress
from usbench.ultrasound.expected_display import expected_display, in_16_bits, local_mean_square, white_level
from usbench.ultrasound.speckle_model import filter_by_depth, power_by_depth, scatter, speckle_field


def display(envelope):
    return np.round(log_compress(envelope, 60.0) * 255) / 255


@pytest.mark.parametrize("looks", [1, 3])
@pytest.mark.parametrize("level", [1e-4, 1e-3, 0.02, 0.5, 3.0])
def test_it_is_the_mean_over_draws(level, looks):
    draws = np.random.default_rng(1).rayleigh(level * np.sqrt(0.5), (looks, 1_000_000)).mean(axis=0)
    expected = display(draws).mean()
    assert expected_display(np.array([[level**2]]), display, looks)[0, 0] == pytest.approx(expected, abs=5e-4)


def test_where_nothing_is_clipped_it_is_the_geometric_mean():
    found = expected_display(np.array([[0.01**2]]), lambda e: log_compress(e, 120.0))[0, 0]
    assert found == pytest.approx(1 + 20 * np.log10(0.01 * np.exp(-np.euler_gamma / 2)) / 120, abs=2e-4)


def test_the_local_mean_square_is_that_of_the_field():
    amplitude = np.full((40, 48), 0.2)
    amplitude[:, 24:] = 1.0
    psf = np.outer([0.3, 1, 0.5], [0.2, 0.7, 1, 0.7, 0.2])
    psf = np.pad(psf / np.sqrt((psf**2).sum()), [(11, 11), (10, 10)]).astype(np.float32)
    rng = np.random.default_rng(0)
    squares = np.mean([(speckle_field(amplitude, psf, rng) ** 2).sum(axis=0) for _ in range(800)], axis=0)
    np.testing.assert_allclose(squares.mean(axis=0), local_mean_square(amplitude, psf).mean(axis=0), rtol=0.05)


@pytest.mark.parametrize(("axial", "lateral"), [(0.6, 0.6), (1.0, 1.6), (3.0, 6.0)])
def test_the_power_under_a_beam_that_widens_is_that_of_the_field(axial, lateral):
    amplitude = np.full((60, 96), 0.3)
    amplitude[:, 48:] = 1.0
    widths = lateral * np.linspace(1, 2, 60)
    rng = np.random.default_rng(0)
    squares = np.mean(
        [(filter_by_depth(scatter(amplitude, rng), axial, widths) ** 2).sum(axis=0) for _ in range(1500)], axis=0
    )
    expected = power_by_depth(amplitude[None] ** 2, axial, widths)[0]
    middle = slice(15, 45)
    np.testing.assert_allclose(squares[middle].mean(axis=0), expected[middle].mean(axis=0), rtol=0.06)


def test_one_pixel_is_expected_to_be_above_white():
    levels = np.where(np.arange(64 * 64) % 2, 0.04, 1.0).reshape(64, 64)
    white = white_level(levels)
    rng = np.random.default_rng(0)
    above = [(rng.rayleigh(np.sqrt(levels / 2)) > white).sum() for _ in range(400)]
    assert np.mean(above) == pytest.approx(1, abs=0.2)
    assert white_level(np.zeros((4, 4))) == 1.0


def test_rounding_hides_the_last_bits_of_a_processor():
    image = np.random.default_rng(0).random((64, 64))
    assert np.array_equal(in_16_bits(image), in_16_bits(image * (1 + 1e-15)))
    assert np.abs(in_16_bits(image) - image).max() < 1e-5
