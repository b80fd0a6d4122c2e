"""The random input of `S`."""

import numpy as np
import pytest
from usbench.methods.pix2pix.likeness import fine_structure
from usbench.methods.pix2pix.style import Style, envelope, noise_planes, style_planes

from usbench.ultrasound.speckle_size import autocorrelation_widths


@pytest.mark.parametrize(("axial", "lateral"), [(2.0, 3.0), (3.5, 9.0), (6.0, 6.0)])
def test_fine_structure_has_the_grain_that_was_asked_for(axial, lateral):
    style = Style(axial, lateral, 0.07, 0.7)
    widths = []
    for seed in range(6):
        field = noise_planes((160, 160), style, np.random.default_rng(seed))[0]
        for top in range(0, 130, 26):
            fine = fine_structure(field[top : top + 24, 40:64])
            widths.append(autocorrelation_widths(fine, np.ones(fine.shape, bool)))
    assert np.median(widths, axis=0) == pytest.approx([axial, lateral], rel=0.12)


def test_an_envelope_has_mean_0_variance_1_and_the_skew_of_rayleigh():
    made = np.concatenate([envelope((200, 200), 2, 2, np.random.default_rng(n)).ravel() for n in range(4)])
    assert made.mean() == pytest.approx(0, abs=0.03)
    assert made.std() == pytest.approx(1, abs=0.03)
    assert (made**3).mean() == pytest.approx(0.631, abs=0.08)


def test_planes_repeat_with_the_generator_and_hold_condition_contrast_and_gain():
    condition = np.random.default_rng(0).random((40, 56), np.float32)
    style = Style(3.0, 5.0, 0.06, 0.8)
    first, same, other = (style_planes(condition, style, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.shape == (6, 40, 56)
    assert first.dtype == np.float32
    assert np.array_equal(first, same)
    assert np.array_equal(first[0], condition)
    assert not np.array_equal(first[1], other[1])
    assert first[4] == pytest.approx(0.3)
    assert first[5] == pytest.approx(0.8)
