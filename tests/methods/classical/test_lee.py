"""The Lee filter against plain loops over pixels, and on speckle alone."""

import numpy as np
from plain_loops import over_pixels, window
from usbench.methods.classical.lee import Lee
from usbench.methods.classical.local_statistics import RAYLEIGH_CV


def test_lee_is_the_formula_at_every_pixel(small_image):
    def rule(row, column):
        values = window(small_image, row, column, 1)
        mean, variance = values.mean(), values.var()
        signal = max(0.0, (variance + mean**2) / (0.25**2 + 1) - mean**2)  # Lee (1980): Q from the moments of z = xu
        gain = signal / (mean**2 * 0.25**2 + signal)
        return mean + gain * (small_image[row, column] - mean)

    assert np.allclose(Lee(size=3, cu=0.25).despeckle_plane(small_image), over_pixels(small_image, rule), atol=1e-6)


def test_lee_returns_the_mean_where_there_is_only_speckle():
    envelope = (0.3 * np.random.default_rng(0).rayleigh(size=(60, 60))).astype(np.float32)
    smooth = Lee(size=21, cu=1.2 * RAYLEIGH_CV).despeckle_plane(envelope)
    from scipy.ndimage import uniform_filter

    assert np.allclose(smooth[15:-15, 15:-15], uniform_filter(envelope.astype(float), 21)[15:-15, 15:-15], atol=1e-5)
