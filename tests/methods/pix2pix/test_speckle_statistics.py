"""Speckle statistics: known widths, and the ratios computed from them."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from usbench.methods.pix2pix.speckle_statistics import (
    WINDOW,
    compare_speckle,
    homogeneous_windows,
    radial_spectrum,
)


def test_the_spectrum_of_white_noise_is_flat_and_at_its_variance():
    noise = np.random.default_rng(0).normal(0, 0.1, (256, 256))
    assert np.allclose(radial_spectrum(noise)[2:], np.log(0.01), atol=0.25)


def test_windows_avoid_structure_and_extremes():
    rng = np.random.default_rng(0)
    image = np.full((128, 128), 0.5) * rng.rayleigh(0.8, (128, 128))
    image[:64] = np.linspace(0, 1, 128)
    image[64:, :40] = 0
    image = np.clip(image, 0, 1)
    windows = homogeneous_windows(image)
    assert windows
    best = windows[0]
    assert best[0].start >= 64
    assert best[1].start >= 40 - WINDOW // 2
    assert len({(w[0].start, w[1].start) for w in windows}) == len(windows)


def test_an_image_is_like_itself_and_unlike_independent_noise():
    rng = np.random.default_rng(0)
    field = rng.normal(size=(2, 6, 128, 128))
    real = [0.3 * np.hypot(*(gaussian_filter(part, 1.5) for part in field[:, n])) * 5 for n in range(6)]
    same = compare_speckle(real[:3], real[:3])
    assert same["ssnr_ratio"] == same["axial_ratio"] == same["lateral_ratio"] == 1
    assert same["spectrum_distance"] == 0
    other = compare_speckle(real[:3], real[3:])
    assert other["axial_ratio"] == pytest.approx(1, abs=0.25)
    assert other["spectrum_distance"] < 0.3 * other["rayleigh_distance"]
