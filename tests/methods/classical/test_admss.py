"""ADMSS against a literal transcription of its scheme, pixel by pixel."""

import numpy as np
import pytest
from plain_loops import (
    CLOSE,
    gaussian,
    gradient,
    pixels,
    tensor_step,
)
from usbench.methods.classical.admss import Admss
from usbench.methods.classical.mixture import fit_gamma_mixture


def log_gamma_density(value, shape, scale):
    from math import lgamma

    return (shape - 1) * np.log(value) - value / scale - shape * np.log(scale) - lgamma(shape)


@pytest.mark.parametrize("selective", [False, True])
def test_admss(image, selective):
    if image.min() == image.max():
        assert np.array_equal(Admss().despeckle_plane(image), image)
        return
    current = image.astype(float)
    share, shape, scale = fit_gamma_mixture(image, 3)
    memory = None
    for _ in range(2):
        smoothed = gaussian(current, 1.0)
        classes = np.empty((3, *image.shape))
        for place in pixels(current):
            logs = [log_gamma_density(smoothed[place], k, t) for k, t in zip(shape, scale, strict=True)]
            densities = share * np.exp(np.array(logs) - max(logs))
            classes[(slice(None), *place)] = densities / densities.sum()
        slopes = [gradient(part) for part in classes]
        tensors = [[gaussian(a * b, 1.0) for a, b in ((d, d), (d, r), (r, r))] for d, r in slopes]
        state, tensor = np.empty((2, *image.shape)), np.empty((3, *image.shape))
        for place in pixels(current):
            best, edge, vector = -1.0, 0.0, None
            for (down, right), (xx, xy, yy) in zip(slopes, tensors, strict=True):
                values, vectors = np.linalg.eigh(np.array([[xx[place], xy[place]], [xy[place], yy[place]]]))
                if values[1] > best:
                    best, vector = values[1], vectors[:, 1]
                    edge = abs(vector[0] * down[place] + vector[1] * right[place])
            dark = classes[(0, *place)]
            lambdas = np.array([1 - edge, 1.0]) * (dark if selective else 1)
            if memory is not None:
                beta = (1 - dark) / (dark + 1e-7)
                lambdas = (beta * memory[(slice(None), *place)] + lambdas) / (1 + beta)
            state[(slice(None), *place)] = lambdas
            other = np.array([-vector[1], vector[0]])
            diffusion = lambdas[0] * np.outer(vector, vector) + lambdas[1] * np.outer(other, other)
            tensor[(slice(None), *place)] = diffusion[0, 0], diffusion[0, 1], diffusion[1, 1]
        memory = state
        current = tensor_step(current, *tensor, 0.2)
    method = Admss(iterations=2, selective=selective)
    assert np.allclose(method.despeckle_plane(image), current, **CLOSE)
