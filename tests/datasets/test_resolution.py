"""Wires: single pixels, as wide as the point spread function under speckle."""

import numpy as np
import pytest

import usbench
from usbench.metrics.resolution import wire_axial, wire_lateral


def test_wires_are_single_white_pixels_with_room_for_their_profiles():
    for sample in usbench.load_dataset("resolution", count=4):
        points = np.array(sample.rois.points)
        assert len(points) == 20
        assert (sample.image[tuple(points.T)] == 1).all()
        assert (sample.image == 1).sum() == len(points)
        apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) + 1e9 * np.eye(len(points))
        assert apart.min() > 20
        assert points.min() >= 12
        assert points.max() < 256 - 12


def test_wires_are_as_wide_as_the_point_spread_function():
    sample = usbench.load_dataset("resolution[count=1]+psf[axial=1.2,lateral=2,bits=0]")[0]
    widths = np.array(
        [[measure(sample.image, point, 60.0) for measure in (wire_axial, wire_lateral)] for point in sample.rois.points]
    )
    assert np.median(widths, axis=0) == pytest.approx(2.351 * np.array([1.2, 2.0]), rel=0.08)
