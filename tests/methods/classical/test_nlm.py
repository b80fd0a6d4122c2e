"""Non-local means against plain loops over pixels."""

import numpy as np
from plain_loops import over_pixels
from usbench.methods.classical.nlm import Nlm


def test_nlm_is_the_formula_at_every_pixel(small_image):
    padded = np.pad(small_image.astype(float), 4, mode="symmetric")

    def rule(row, column):
        near = padded[row + 3 : row + 6, column + 3 : column + 6]
        total = weights = greatest = 0.0
        for down in range(-3, 4):
            for right in range(-3, 4):
                if down == right == 0:
                    continue
                far = padded[row + 3 + down : row + 6 + down, column + 3 + right : column + 6 + right]
                weight = np.exp(-((near - far) ** 2).mean() / 0.2**2)
                total += weight * far[1, 1]
                weights += weight
                greatest = max(greatest, weight)
        return (total + greatest * near[1, 1]) / (weights + greatest)  # the pixel itself: the greatest of the others

    assert np.allclose(
        Nlm(search=7, patch=3, h=0.2).despeckle_plane(small_image), over_pixels(small_image, rule), atol=1e-6
    )
