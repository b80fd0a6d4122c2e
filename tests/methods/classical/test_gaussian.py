"""The Gaussian filter against its sampled kernel."""

import numpy as np
from plain_loops import over_pixels, window
from usbench.methods.classical.gaussian import Gaussian


def test_gaussian_is_the_sampled_kernel(small_image):
    offsets = np.arange(-4, 5)
    kernel = np.exp(-0.5 * offsets**2)
    kernel /= kernel.sum()
    expected = over_pixels(small_image, lambda r, c: (window(small_image, r, c, 4) * kernel[:, None] * kernel).sum())
    assert np.allclose(Gaussian(sigma=1).despeckle_plane(small_image), expected, atol=1e-6)
