"""What was taken away: brightness, speckle and anatomy told apart."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from usbench.metrics.residual import ratio_mean, ratio_structure, ratio_variance, residual_axial, residual_lateral


@pytest.fixture(scope="module")
def scene():
    rng = np.random.default_rng(0)
    clean = np.full((160, 160), 0.3)
    clean[40:100, 50:120] = 0.6
    field = rng.normal(size=(2, 160, 160))
    speckle = np.hypot(*(gaussian_filter(part, (1.0, 2.0)) for part in field))
    noisy = clean * speckle / speckle.mean()
    roi = np.zeros(clean.shape, bool)
    roi[110:155, 10:150] = True
    return clean, noisy, roi


def test_perfect_despeckling_leaves_the_speckle_and_nothing_else(scene):
    clean, noisy, roi = scene
    assert ratio_mean(clean, noisy, roi) == pytest.approx(1, abs=0.05)
    assert ratio_variance(clean, noisy, roi) == pytest.approx(1, abs=0.1)
    assert ratio_structure(clean, noisy) < 0.1
    assert residual_axial(clean, noisy, roi) == pytest.approx(1, abs=0.02)
    assert residual_lateral(clean, noisy, roi) == pytest.approx(1, abs=0.02)


def test_a_brightness_shift_shows_in_the_mean(scene):
    clean, noisy, roi = scene
    assert ratio_mean(clean * 1.2, noisy, roi) == pytest.approx(ratio_mean(clean, noisy, roi) / 1.2, rel=1e-6)


def test_left_over_speckle_shows_in_the_variance(scene):
    clean, noisy, roi = scene
    assert ratio_variance((clean + noisy) / 2, noisy, roi) < 0.5
    assert ratio_variance(noisy, noisy, roi) == pytest.approx(0, abs=1e-9)


def test_lost_edges_show_as_structure(scene):
    clean, noisy, _ = scene
    lost = ratio_structure(gaussian_filter(clean, 6), clean)
    assert lost > 0.5
    assert ratio_structure(clean, clean) == 0
    # under speckle it is diluted, but still seen
    quiet = clean * (1 + 0.3 * (noisy / clean - 1))
    assert ratio_structure(gaussian_filter(clean, 6), quiet) > 2 * ratio_structure(clean, quiet)


def test_taking_only_the_finest_grain_shows_in_the_width(scene):
    _, noisy, roi = scene
    assert residual_axial(gaussian_filter(noisy, 1.0), noisy, roi) < 0.85
    assert residual_axial(noisy, noisy, roi) == 0
    assert np.isnan(residual_axial(noisy, np.full_like(noisy, 0.5), roi))


def test_black_regions_have_no_ratio(scene):
    _, noisy, roi = scene
    assert np.isnan(ratio_mean(np.zeros_like(noisy), noisy, roi))
    assert ratio_structure(np.zeros_like(noisy), noisy) == 0
