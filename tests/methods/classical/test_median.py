"""The median filter against plain loops over pixels."""

import numpy as np
import pytest
from plain_loops import over_pixels, window
from usbench.methods.classical.median import Median

from usbench.core.errors import UsageError


def test_median_is_the_median_of_the_window(small_image):
    expected = over_pixels(small_image, lambda r, c: np.median(window(small_image, r, c, 2)))
    assert np.allclose(Median(size=5).despeckle_plane(small_image), expected)


def test_an_even_window_is_refused():
    with pytest.raises(UsageError, match="odd"):
        Median(size=4)
