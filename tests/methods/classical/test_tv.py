"""Total variation against a literal transcription, scikit-image, and the optimality of its result."""

import numpy as np
import pytest
from plain_loops import CLOSE, chambolle
from skimage.restoration import denoise_tv_chambolle
from usbench.methods.classical.tv import Tv


def objective(estimate: np.ndarray, image: np.ndarray, weight: float) -> float:
    down = np.diff(estimate, axis=0, append=estimate[-1:])
    right = np.diff(estimate, axis=1, append=estimate[:, -1:])
    return float(np.sqrt(down**2 + right**2).sum() + ((estimate - image) ** 2).sum() / (2 * weight))


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(0).random((24, 31)).astype(np.float32)


def test_tv_reaches_the_minimum_that_scikit_image_finds(noise):
    ours = Tv(weight=0.1, iterations=3000).despeckle_plane(noise)
    theirs = denoise_tv_chambolle(noise.astype(float), weight=0.1, eps=1e-12, max_num_iter=5000)
    assert objective(ours, noise, 0.1) <= objective(theirs, noise, 0.1) * 1.0005
    assert np.allclose(ours, theirs, atol=0.01)


def test_tv_keeps_the_mean(noise):
    assert Tv().despeckle_plane(noise).mean() == pytest.approx(noise.mean(), abs=1e-5)


@pytest.mark.parametrize(("weight", "iterations"), [(0.05, 12), (0.4, 12), (0.2, 150)])
def test_tv(image, weight, iterations):
    nothing = (np.zeros(image.shape), np.zeros(image.shape))
    expected, _ = chambolle(image.astype(float), weight, iterations, nothing)
    assert np.allclose(Tv(weight=weight, iterations=iterations).despeckle_plane(image), expected, **CLOSE)
