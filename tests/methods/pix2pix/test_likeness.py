"""How like real ultrasound simulated textures are."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from usbench.methods.pix2pix import likeness


@pytest.fixture(autouse=True)
def fewer_steps(monkeypatch):
    monkeypatch.setattr(likeness, "STEPS", 130)


def windows(count: int, sigma: tuple[float, float], deviation: float, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        field = gaussian_filter(rng.normal(size=(64, 64)), sigma)
        mean = rng.uniform(0.2, 0.7)
        made.append(mean + deviation * np.sqrt(mean) * (field / field.std())[20:44, 20:44])
    return made


def test_windows_of_the_same_texture_are_alike_and_cannot_be_told_apart():
    one, other = (windows(160, (1.2, 2.5), 0.08, seed) for seed in (0, 1))
    found = likeness.compare_textures(likeness.texture(one), likeness.texture(other))
    assert found["deviation_error"] < 0.08
    assert abs(found["axial_error"]) < 0.06
    assert abs(found["lateral_error"]) < 0.06
    assert max(found["radial_spectrum"], found["axial_spectrum"], found["lateral_spectrum"]) < 0.15
    assert likeness.told_apart(one, other, seeds=(0,)) < 0.65


def test_another_grain_or_contrast_is_found():
    real = windows(160, (1.2, 2.5), 0.08, 0)
    wide = windows(160, (1.2, 6.0), 0.08, 1)
    strong = windows(160, (1.2, 2.5), 0.12, 2)
    textures = [likeness.texture(each) for each in (real, wide, strong)]
    wider, stronger = (likeness.compare_textures(textures[0], other) for other in textures[1:])
    assert wider["lateral_error"] > 0.2
    assert wider["lateral_spectrum"] > 0.3
    assert stronger["deviation_error"] == pytest.approx(0.5, abs=0.12)
    assert likeness.told_apart(real, wide, seeds=(0,)) > 0.8


def test_flat_windows_are_flat_not_black_and_overlap_by_half_at_most():
    condition = np.zeros((120, 120), np.float32)
    condition[:, 40:] = 0.5
    condition[60:, 80:] = 0.9
    found = likeness.flat_windows(condition, 16)
    assert found
    for place in found:
        assert condition[place].mean() > likeness.DARKEST
        assert np.ptp(condition[place]) <= likeness.SPREAD
    corners = [(rows.start, columns.start) for rows, columns in found]
    assert all(max(abs(a - c), abs(b - d)) >= 12 for i, (a, b) in enumerate(corners) for c, d in corners[:i])


def test_a_simulator_that_returns_the_slice_keeps_borders_and_repeats_itself(monkeypatch):
    monkeypatch.setattr(likeness, "STEPS", 2)  # of a network that is not asked here
    rng = np.random.default_rng(0)
    blocks = rng.random((6, 6)).repeat(30, 0).repeat(30, 1)
    image = (blocks + 0.02 * rng.normal(size=blocks.shape)).clip(0, 1).astype(np.float32)
    real = windows(120, (1.2, 2.5), 0.08, 0)
    found = likeness.likeness(real, [image], lambda plane, number: plane)
    assert found["borders"] == pytest.approx(1)
    assert found["two_drawings"] == pytest.approx(1)
    assert found["axial_error"] < -0.2
