"""Wavelet shrinkage is that of scikit-image."""

import numpy as np
from usbench.methods.classical.wavelet import Wavelet


def test_wavelet_is_scikit_images():
    from skimage.restoration import denoise_wavelet

    image = np.random.default_rng(0).random((64, 48)).astype(np.float32)
    options = {"wavelet": "db2", "method": "BayesShrink", "mode": "soft", "wavelet_levels": 3, "rescale_sigma": False}
    expected = denoise_wavelet(image, sigma=0.2, **options)
    assert np.allclose(Wavelet(wavelet="db2", levels=3, sigma=0.2).despeckle_plane(image), expected, atol=1e-5)
