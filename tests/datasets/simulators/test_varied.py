"""Speckle of `varied`: correlated, and different from image to image."""

import numpy as np
from speckle import draws

from usbench.ultrasound.speckle_size import autocorrelation_widths

EVERYWHERE = np.ones((128, 128), bool)


def test_varied_grain_and_strength_differ_from_image_to_image():
    made = [image for image in draws("varied", 0.7, 24) if image.reference.mean() > 0.2]
    axial = [autocorrelation_widths(image.image, EVERYWHERE)[0] for image in made]
    assert min(axial) < 3 < max(axial)
    strength = [image.image.std() for image in made]
    assert max(strength) > 1.5 * min(strength)
    assert len({image.dynamic_range_db for image in made}) == len(made)
