"""DPAD against a literal transcription of its scheme, pixel by pixel."""

import numpy as np
from plain_loops import (
    CLOSE,
    kuan_coefficient,
    pixels,
    srad_flow,
)
from usbench.methods.classical.dpad import Dpad


def test_dpad(image, per_window):
    current = image.astype(float)
    for _ in range(4):
        coefficient = kuan_coefficient(current, per_window)
        flows = [0.2 / 4 * srad_flow(current, coefficient, *place) for place in pixels(current)]
        current = current + np.reshape(flows, current.shape)
    assert np.allclose(Dpad(iterations=4, time_step=0.2).despeckle_plane(image), current, **CLOSE)
