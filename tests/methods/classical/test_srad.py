"""SRAD against transcriptions of the paper's scheme, pixel by pixel and array by array."""

import numpy as np
import pytest
from plain_loops import (
    CLOSE,
    four,
    pixels,
    srad_flow,
)
from scipy.ndimage import gaussian_filter
from usbench.methods.classical.srad import Srad


def transcription(image: np.ndarray, iterations: int, time_step: float, q0: float, rho: float) -> np.ndarray:
    """Yu & Acton (2002), equations 51 to 58, with mirrored borders."""
    current = image.astype(float)
    for step in range(iterations):
        padded = np.pad(current, 1, mode="edge")
        south, north = padded[2:, 1:-1] - current, padded[:-2, 1:-1] - current
        east, west = padded[1:-1, 2:] - current, padded[1:-1, :-2] - current
        gradient = np.sqrt(south**2 + north**2 + east**2 + west**2) / current
        laplacian = (south + north + east + west) / current
        q = np.sqrt((gradient**2 / 2 - laplacian**2 / 16) / (1 + laplacian / 4) ** 2)
        scale = q0 * np.exp(-rho * step * time_step)
        c = np.minimum(1, 1 / (1 + (q**2 - scale**2) / (scale**2 * (1 + scale**2))))
        c_south = np.vstack([c[1:], c[-1:]])
        c_east = np.hstack([c[:, 1:], c[:, -1:]])
        current = current + time_step / 4 * (c_south * south + c * north + c_east * east + c * west)
    return current


def test_srad_is_the_papers_scheme():
    image = (0.1 + 0.8 * np.random.default_rng(0).random((13, 10))).astype(np.float32)
    method = Srad(iterations=12, time_step=0.2, q0=0.6, rho=0.5)
    assert np.allclose(method.despeckle_plane(image), transcription(image, 12, 0.2, 0.6, 0.5), atol=1e-6)


def test_srad_keeps_the_mean_nearly_and_reduces_the_variation():
    envelope = (0.3 * np.random.default_rng(0).rayleigh(size=(64, 64))).astype(np.float32).clip(0.01, 1)
    smooth = Srad(iterations=100).despeckle_plane(envelope)
    assert smooth.mean() == pytest.approx(envelope.mean(), rel=0.02)
    assert smooth.std() / smooth.mean() < 0.5 * envelope.std() / envelope.mean()


def test_srad_keeps_an_edge_that_a_gaussian_of_the_same_smoothing_blurs():
    step = np.where(np.arange(40) < 20, 0.1, 0.8).astype(np.float32)
    image = np.tile(step, (40, 1))
    # without the edge stop, 200 steps of 0.05 / 4 are a Gaussian of variance 2 * 200 * 0.05 / 4 = 5
    blurred = gaussian_filter(image, np.sqrt(5))
    kept = Srad(iterations=200).despeckle_plane(image)
    assert np.abs(kept - image).sum() < 0.75 * np.abs(blurred - image).sum()


def test_srad(image):
    current = image.astype(float)
    for step in range(6):
        scale = 0.6 * np.exp(-0.5 * step * 0.2)
        coefficient = np.empty_like(current)
        for row, column in pixels(current):
            value, differences = current[row, column], np.array(four(current, row, column))
            laplacian = differences.sum() / value
            top = (differences**2).sum() / value**2 / 2 - laplacian**2 / 16
            q2 = top / (1 + laplacian / 4) ** 2
            coefficient[row, column] = min(1, 1 / (1 + (q2 - scale**2) / (scale**2 * (1 + scale**2))))
        flows = [0.2 / 4 * srad_flow(current, coefficient, *place) for place in pixels(current)]
        current = current + np.reshape(flows, current.shape)
    method = Srad(iterations=6, time_step=0.2, q0=0.6, rho=0.5)
    assert np.allclose(method.despeckle_plane(image), current, **CLOSE)
