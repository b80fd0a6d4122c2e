"""LPND against a literal transcription of its scheme, pixel by pixel."""

import numpy as np
from plain_loops import (
    CLOSE,
    convolved,
    gradient,
    perona_malik,
)
from usbench.methods.classical.lpnd import Lpnd


def test_lpnd(image):
    kernel = np.array([6, 4, 1]) / 16

    def expand(coarse, shape):
        spread, present = np.zeros(shape), np.zeros(shape)
        spread[::2, ::2], present[::2, ::2] = coarse, 1
        return convolved(spread, kernel) / convolved(present, kernel)

    current, details = image.astype(float), []
    for _ in range(2):
        coarse = convolved(current, kernel)[::2, ::2]
        details.append(current - expand(coarse, current.shape))
        current = coarse
    for detail in reversed(details):
        size = np.hypot(*gradient(detail))
        threshold = max(3 * 1.4826 * np.median(np.abs(size - np.median(size))), 1e-6)
        smooth = perona_malik(detail, 3, threshold, 0.25, lambda g: np.exp(-(g**2)))
        current = smooth + expand(current, detail.shape)
    assert np.allclose(Lpnd(layers=2, iterations=3, strength=3).despeckle_plane(image), current, **CLOSE)
