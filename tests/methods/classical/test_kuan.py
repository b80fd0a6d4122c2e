"""The Kuan filter against plain loops over pixels."""

import numpy as np
from plain_loops import over_pixels, window
from usbench.methods.classical.kuan import Kuan


def test_kuan_is_the_formula_at_every_pixel(small_image):
    def rule(row, column):
        values = window(small_image, row, column, 1)
        mean, variance = values.mean(), values.var()
        gain = max(0.0, (variance - 0.25**2 * mean**2) / (1 + 0.25**2)) / variance
        return mean + gain * (small_image[row, column] - mean)

    assert np.allclose(Kuan(size=3, cu=0.25).despeckle_plane(small_image), over_pixels(small_image, rule), atol=1e-6)
