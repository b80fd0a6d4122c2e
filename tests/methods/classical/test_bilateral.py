"""The bilateral filter against plain loops over pixels."""

import numpy as np
from plain_loops import over_pixels, window
from usbench.methods.classical.bilateral import Bilateral


def test_bilateral_is_the_formula_at_every_pixel(small_image):
    offsets = np.arange(-2, 3)
    spatial = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * 1.5**2))

    def rule(row, column):
        values = window(small_image, row, column, 2)
        weights = spatial * np.exp(-((values - small_image[row, column]) ** 2) / (2 * 0.3**2))
        return (weights * values).sum() / weights.sum()

    method = Bilateral(size=5, sigma_spatial=1.5, sigma_range=0.3)
    assert np.allclose(method.despeckle_plane(small_image), over_pixels(small_image, rule), atol=1e-6)


def test_a_window_reaches_exactly_its_size():
    impulse = np.full((15, 15), 0.2, np.float32)
    impulse[7, 7] = 0.9
    touched = np.abs(Bilateral(size=5, sigma_spatial=9, sigma_range=100).despeckle_plane(impulse) - 0.2) > 1e-4
    assert touched.sum() == 25
    assert touched[5:10, 5:10].all()
