"""BM3D: the result is that of the package, for any size, and the licence is named."""

import numpy as np
from usbench.methods.classical.bm3d import Bm3d


def test_bm3d_is_the_packages_result():
    import bm3d

    image = np.random.default_rng(0).random((48, 64)).astype(np.float32)
    expected = bm3d.bm3d(image.astype(np.float64), sigma_psd=0.1)
    assert np.allclose(Bm3d(sigma=0.1).despeckle_plane(image), expected, atol=1e-5)


def test_bm3d_takes_images_smaller_than_its_blocks():
    image = np.random.default_rng(0).random((5, 40)).astype(np.float32)
    assert Bm3d().despeckle_plane(image).shape == (5, 40)


def test_bm3d_says_that_commercial_use_is_not_free():
    assert "non-commercial" in Bm3d.card.licence
