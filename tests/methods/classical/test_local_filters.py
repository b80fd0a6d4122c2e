"""Window filters against plain loops over pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usbench.methods.classical.bilateral import Bilateral
from usbench.methods.classical.gaussian import Gaussian
from usbench.methods.classical.kuan import Kuan
from usbench.methods.classical.lee import Lee
from usbench.methods.classical.local_statistics import RAYLEIGH_CV
from usbench.methods.classical.median import Median
from usbench.methods.classical.nlm import Nlm

import usbench
from usbench.core.errors import UsageError


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(0).random((9, 12)).astype(np.float32)


def window(image: np.ndarray, row: int, column: int, reach: int) -> np.ndarray:
    padded = np.pad(image.astype(float), reach, mode="symmetric")
    return padded[row : row + 2 * reach + 1, column : column + 2 * reach + 1]


def over_pixels(image: np.ndarray, rule) -> np.ndarray:
    return np.array([[rule(row, column) for column in range(image.shape[1])] for row in range(image.shape[0])])


def test_median_is_the_median_of_the_window(image):
    expected = over_pixels(image, lambda r, c: np.median(window(image, r, c, 2)))
    assert np.allclose(Median(size=5).despeckle_plane(image), expected)


def test_kuan_is_the_formula_at_every_pixel(image):
    def rule(row, column):
        values = window(image, row, column, 1)
        mean, variance = values.mean(), values.var()
        gain = max(0.0, (variance - 0.25**2 * mean**2) / (1 + 0.25**2)) / variance
        return mean + gain * (image[row, column] - mean)

    assert np.allclose(Kuan(size=3, cu=0.25).despeckle_plane(image), over_pixels(image, rule), atol=1e-6)


def test_lee_is_the_formula_at_every_pixel(image):
    def rule(row, column):
        values = window(image, row, column, 1)
        mean, variance = values.mean(), values.var()
        signal = max(0.0, (variance + mean**2) / (0.25**2 + 1) - mean**2)  # Lee (1980): Q from the moments of z = xu
        gain = signal / (mean**2 * 0.25**2 + signal)
        return mean + gain * (image[row, column] - mean)

    assert np.allclose(Lee(size=3, cu=0.25).despeckle_plane(image), over_pixels(image, rule), atol=1e-6)


def test_lee_returns_the_mean_where_there_is_only_speckle():
    envelope = (0.3 * np.random.default_rng(0).rayleigh(size=(60, 60))).astype(np.float32)
    smooth = Lee(size=21, cu=1.2 * RAYLEIGH_CV).despeckle_plane(envelope)
    from scipy.ndimage import uniform_filter

    assert np.allclose(smooth[15:-15, 15:-15], uniform_filter(envelope.astype(float), 21)[15:-15, 15:-15], atol=1e-5)


@given(factor=st.floats(0.05, 1.0))
@settings(max_examples=20, deadline=None)
def test_lee_and_srad_scale_with_the_envelope(factor):
    envelope = (0.2 + 0.6 * np.random.default_rng(1).random((14, 11))).astype(np.float32)
    for method in (Lee(), usbench.load_method("srad", iterations=5)):
        scaled = method.despeckle_plane((factor * envelope).astype(np.float32))
        assert np.allclose(scaled, factor * method.despeckle_plane(envelope), rtol=1e-3, atol=1e-5)


def test_bilateral_is_the_formula_at_every_pixel(image):
    offsets = np.arange(-2, 3)
    spatial = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * 1.5**2))

    def rule(row, column):
        values = window(image, row, column, 2)
        weights = spatial * np.exp(-((values - image[row, column]) ** 2) / (2 * 0.3**2))
        return (weights * values).sum() / weights.sum()

    method = Bilateral(size=5, sigma_spatial=1.5, sigma_range=0.3)
    assert np.allclose(method.despeckle_plane(image), over_pixels(image, rule), atol=1e-6)


def test_nlm_is_the_formula_at_every_pixel(image):
    padded = np.pad(image.astype(float), 4, mode="symmetric")

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

    assert np.allclose(Nlm(search=7, patch=3, h=0.2).despeckle_plane(image), over_pixels(image, rule), atol=1e-6)


def test_gaussian_is_the_sampled_kernel(image):
    offsets = np.arange(-4, 5)
    kernel = np.exp(-0.5 * offsets**2)
    kernel /= kernel.sum()
    expected = over_pixels(image, lambda r, c: (window(image, r, c, 4) * kernel[:, None] * kernel).sum())
    assert np.allclose(Gaussian(sigma=1).despeckle_plane(image), expected, atol=1e-6)


@pytest.mark.parametrize("method", [Median(size=3), Lee(size=3), Bilateral(size=3, sigma_range=100), Gaussian(sigma=1)])
def test_windows_are_odd_and_centred(method):
    # a 3x3 that is 2x2 or half a pixel off breaks the symmetry about the impulse
    impulse = np.full((11, 11), 0.2, np.float32)
    impulse[5, 5] = 0.9
    response = method.despeckle_plane(impulse)
    for view in (response[::-1], response[:, ::-1], response.T):
        assert np.allclose(response, view, atol=1e-6)


def test_a_window_reaches_exactly_its_size():
    impulse = np.full((15, 15), 0.2, np.float32)
    impulse[7, 7] = 0.9
    touched = np.abs(Bilateral(size=5, sigma_spatial=9, sigma_range=100).despeckle_plane(impulse) - 0.2) > 1e-4
    assert touched.sum() == 25
    assert touched[5:10, 5:10].all()


def test_an_even_window_is_refused():
    with pytest.raises(UsageError, match="odd"):
        Median(size=4)
