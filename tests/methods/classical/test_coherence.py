"""Coherence-enhancing diffusion against a literal transcription of its scheme, pixel by pixel."""

import numpy as np
from plain_loops import (
    CLOSE,
    gaussian,
    gradient,
    pixels,
    tensor_step,
)
from usbench.methods.classical.coherence import Coherence


def test_coherence_enhancing_diffusion(image):
    current = 255 * image.astype(float)
    for _ in range(2):
        down, right = gradient(gaussian(current, 0.7))
        parts = [gaussian(part, 1.5) for part in (down * down, down * right, right * right)]
        tensor = np.empty((3, *image.shape))
        for place in pixels(current):
            matrix = np.array([[parts[0][place], parts[1][place]], [parts[1][place], parts[2][place]]])
            values, vectors = np.linalg.eigh(matrix)
            gap = values[1] - values[0]
            lambdas = [0.001 + 0.999 * np.exp(-1 / gap**2) if gap > 1e-9 else 0.001, 0.001]  # along, across
            diffusion = vectors @ np.diag(lambdas) @ vectors.T
            tensor[(slice(None), *place)] = diffusion[0, 0], diffusion[0, 1], diffusion[1, 1]
        current = tensor_step(current, *tensor, 0.2)
    method = Coherence(iterations=2, inner=0.7, outer=1.5)
    assert np.allclose(method.despeckle_plane(image), current / 255, **CLOSE)
