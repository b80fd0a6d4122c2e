"""The edge detector and the distances that the figure of merit is made of, beside scikit-image and SciPy."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.feature import canny as skimage_canny

from usbench.metrics.canny import canny
from usbench.metrics.convolution import smoothed


@pytest.mark.parametrize("size", [(64, 80), (9, 33), (8, 8)])
@pytest.mark.parametrize("smoothing", [0.1, 1.0, 2.5])
def test_canny_finds_the_edges_that_scikit_image_finds(size, smoothing):
    noise = np.random.default_rng(0).random(size)
    image = np.clip(2 * gaussian_filter(noise, smoothing) - 0.5, 0, 1)
    expected = skimage_canny(image, sigma=1.0, low_threshold=0.1, high_threshold=0.2)
    assert expected.any()
    np.testing.assert_array_equal(canny(image, 1.0, 0.1, 0.2), expected)


@pytest.mark.parametrize("turns", range(4))
def test_an_ideal_step_is_an_edge_on_both_its_sides_however_it_lies(turns):
    image = np.full((32, 32), 0.2)
    image[:, 16:] = 0.8
    edges = np.rot90(canny(np.rot90(image, turns), 1.0, 0.1, 0.2), -turns)
    np.testing.assert_array_equal(np.flatnonzero(edges[1:-1].all(0)), [15, 16])
    assert edges.sum() == 2 * 30


def test_a_constant_image_has_no_edges():
    assert not canny(np.full((16, 16), 0.7), 1.0, 0.1, 0.2).any()


@pytest.mark.parametrize("sigma", [2.0, 6.0])
def test_gaussian_means_are_scipys(sigma):
    image = np.random.default_rng(2).random((70, 90))
    np.testing.assert_allclose(smoothed(image, sigma), gaussian_filter(image, sigma), atol=1e-12)
