"""Grain sizes of filtered noise, whose autocorrelation is known."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from usbench.ultrasound.speckle_size import autocorrelation_widths

# under a Gaussian of deviation s the autocorrelation of noise has deviation s sqrt(2); full widths are 2.355 times that
EXPECTED = 2.355 * np.sqrt(2) * np.array([1.0, 2.0])


@pytest.fixture(scope="module")
def grains():
    return gaussian_filter(np.random.default_rng(0).normal(size=(400, 400)), (1.0, 2.0))


def test_widths_of_a_square(grains):
    assert autocorrelation_widths(grains, np.ones(grains.shape, bool)) == pytest.approx(EXPECTED, rel=0.05)


def test_widths_of_a_disc_do_not_depend_on_what_lies_around(grains):
    row, column = np.mgrid[:400, :400]
    disc = np.hypot(row - 200, column - 200) < 150
    altered = np.where(disc, grains, 5.0)
    assert autocorrelation_widths(altered, disc) == pytest.approx(EXPECTED, rel=0.07)


def test_a_flat_region_has_no_grains():
    assert np.isnan(autocorrelation_widths(np.ones((20, 20)), np.ones((20, 20), bool))).all()
