"""Total variation against scikit-image and the optimality of its result."""

import numpy as np
import pytest
from skimage.restoration import denoise_tv_chambolle
from usbench.methods.classical.tv import Tv


def objective(estimate: np.ndarray, image: np.ndarray, weight: float) -> float:
    down = np.diff(estimate, axis=0, append=estimate[-1:])
    right = np.diff(estimate, axis=1, append=estimate[:, -1:])
    return float(np.sqrt(down**2 + right**2).sum() + ((estimate - image) ** 2).sum() / (2 * weight))


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(0).random((24, 31)).astype(np.float32)


def test_tv_reaches_the_minimum_that_scikit_image_finds(image):
    ours = Tv(weight=0.1, iterations=3000).despeckle_plane(image)
    theirs = denoise_tv_chambolle(image.astype(float), weight=0.1, eps=1e-12, max_num_iter=5000)
    assert objective(ours, image, 0.1) <= objective(theirs, image, 0.1) * 1.0005
    assert np.allclose(ours, theirs, atol=0.01)


def test_tv_keeps_the_mean(image):
    assert Tv().despeckle_plane(image).mean() == pytest.approx(image.mean(), abs=1e-5)
