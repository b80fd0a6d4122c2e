"""OSRAD against a literal transcription of its scheme, pixel by pixel."""

import numpy as np
import pytest
from plain_loops import (
    CLOSE,
    gaussian,
    gradient,
    kuan_coefficient,
    pixels,
    tensor_step,
)
from usbench.methods.classical.osrad import Osrad


@pytest.mark.parametrize("tangent", [1.0, 0.4])
def test_osrad(image, per_window, tangent):
    current = image.astype(float)
    for _ in range(2):
        coefficient = kuan_coefficient(current, per_window)
        down, right = gradient(gaussian(current, 1.0))
        tensor = np.empty((3, *image.shape))
        for place in pixels(current):
            normal = np.array([down[place], right[place]])
            length = np.hypot(*normal)
            normal = normal / length if length > 1e-7 else np.array([1.0, 0.0])
            contour = np.array([-normal[1], normal[0]])
            diffusion = coefficient[place] * np.outer(normal, normal) + tangent * np.outer(contour, contour)
            tensor[(slice(None), *place)] = diffusion[0, 0], diffusion[0, 1], diffusion[1, 1]
        current = tensor_step(current, *tensor, 0.2)
    assert np.allclose(Osrad(iterations=2, tangent=tangent).despeckle_plane(image), current, **CLOSE)
