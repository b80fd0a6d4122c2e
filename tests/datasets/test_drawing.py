"""Drawing in mm, deformations and textures."""

import numpy as np
import pytest
from usbench.datasets.drawing import Plane, grain, inset, ring, smooth_field


def test_drawing_is_in_mm_and_regions_follow_a_deformation():
    plane = Plane.drawn((80, 120), 0.25, np.random.default_rng(0))
    assert plane.size == (20.0, 30.0)
    assert plane.distance(10.0, 0.0).min() < 0.2
    disc = plane.distance(10.0, 0.0) < 5
    assert disc.sum() * 0.25**2 == pytest.approx(np.pi * 25, rel=0.02)
    assert inset(disc, 4).sum() * 0.25**2 == pytest.approx(np.pi * 16, rel=0.05)
    assert ring(disc, 4, 8).sum() * 0.25**2 == pytest.approx(np.pi * (49 - 36), rel=0.05)
    bent = Plane.drawn((80, 120), 0.25, np.random.default_rng(0), deformation=0.5)
    assert 0.1 < np.abs(bent.depth - plane.depth).mean() < 1.5
    ellipse = plane.radius_in((10.0, 0.0), (3.0, 6.0), np.pi / 2)
    assert ellipse[int(10 / 0.25), 60 + 12] == pytest.approx(1.0, abs=0.1)  # turned: 3 mm across


def test_texture_is_oriented():
    texture = grain(np.random.default_rng(0), (128, 128), 1.0, 8.0, np.deg2rad(20))
    assert texture.mean() == pytest.approx(0, abs=1e-9)
    assert texture.std() == pytest.approx(1)
    along = np.corrcoef(texture[:-4, :-11].ravel(), texture[4:, 11:].ravel())[0, 1]  # falls by 20 degrees to the right
    against = np.corrcoef(texture[4:, :-11].ravel(), texture[:-4, 11:].ravel())[0, 1]
    assert along > 0.5 > against + 0.3
    assert smooth_field(np.random.default_rng(0), (40, 50), 4, 1.0, mean=3.0).shape == (40, 50)
