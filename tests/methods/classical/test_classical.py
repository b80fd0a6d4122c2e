"""What several filters have in common: the symmetry of windows, the scale of the envelope, and any size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usbench.methods.classical.bilateral import Bilateral
from usbench.methods.classical.gaussian import Gaussian
from usbench.methods.classical.genlik import Genlik
from usbench.methods.classical.lee import Lee
from usbench.methods.classical.median import Median
from usbench.methods.classical.wavelet import Wavelet

import usbench


@given(factor=st.floats(0.05, 1.0))
@settings(max_examples=20, deadline=None)
def test_lee_and_srad_scale_with_the_envelope(factor):
    envelope = (0.2 + 0.6 * np.random.default_rng(1).random((14, 11))).astype(np.float32)
    for method in (Lee(), usbench.load_method("srad", iterations=5)):
        scaled = method.despeckle_plane((factor * envelope).astype(np.float32))
        assert np.allclose(scaled, factor * method.despeckle_plane(envelope), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("method", [Median(size=3), Lee(size=3), Bilateral(size=3, sigma_range=100), Gaussian(sigma=1)])
def test_windows_are_odd_and_centred(method):
    # a 3x3 that is 2x2 or half a pixel off breaks the symmetry about the impulse
    impulse = np.full((11, 11), 0.2, np.float32)
    impulse[5, 5] = 0.9
    response = method.despeckle_plane(impulse)
    for view in (response[::-1], response[:, ::-1], response.T):
        assert np.allclose(response, view, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (33, 65)])
def test_wavelets_take_any_size(shape):
    image = np.random.default_rng(0).random(shape).astype(np.float32)
    for method in (Wavelet(), Genlik(levels=2)):
        assert method.despeckle_plane(image).shape == shape
