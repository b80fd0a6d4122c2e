"""The images on which every filter is compared with its transcription."""

import numpy as np
import pytest


def speckle(shape: tuple[int, int], seed: int) -> np.ndarray:
    return np.clip(0.4 * np.random.default_rng(seed).rayleigh(0.8, shape), 0.02, 1)


def step_edge() -> np.ndarray:
    return np.where(np.arange(14) < 6, 0.13, 0.81)[None, :].repeat(12, 0)


def bright_pixel() -> np.ndarray:
    image = np.full((13, 13), 0.21)
    image[4, 7] = 0.93
    return image


IMAGES = {
    "random": speckle((14, 14), 0),
    "constant": np.full((11, 12), 0.37),
    "step edge": step_edge(),
    "single bright pixel": bright_pixel(),
    "wide": speckle((7, 25), 1),
    "tall": speckle((21, 9), 2),
}


@pytest.fixture(params=IMAGES)
def image(request) -> np.ndarray:
    """A float32 image, as filters get it."""
    return IMAGES[request.param].astype(np.float32)


@pytest.fixture(scope="module")
def small_image() -> np.ndarray:
    """Noise, small enough for loops over large windows."""
    return np.random.default_rng(0).random((9, 12)).astype(np.float32)


def windows_of(image: np.ndarray, reach: int):
    """Yield row, column and the window around each pixel, borders mirrored, float64."""
    padded = np.pad(image.astype(np.float64), reach, mode="symmetric")
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            yield row, column, padded[row : row + 2 * reach + 1, column : column + 2 * reach + 1]


@pytest.fixture
def per_window():
    """Apply a rule to the window around each pixel, in plain loops."""

    def apply(image: np.ndarray, size: int, rule) -> np.ndarray:
        result = np.empty(image.shape)
        for row, column, window in windows_of(image, size // 2):
            result[row, column] = rule(window)
        return result

    return apply
