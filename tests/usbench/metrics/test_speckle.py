"""Speckle statistics against the closed forms of fully developed speckle."""

import numpy as np
import pytest

from usbench.metrics.speckle import ENL, SSI, enl, ssi, ssnr
from usbench.sample import Sample

SHAPE = (700, 700)


@pytest.fixture(scope="module")
def envelope() -> np.ndarray:
    return np.random.default_rng(0).rayleigh(size=SHAPE)


@pytest.fixture(scope="module")
def everywhere() -> np.ndarray:
    return np.ones(SHAPE, bool)


def test_ssnr_of_a_rayleigh_envelope(envelope, everywhere):
    assert ssnr(envelope, everywhere) == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), rel=5e-3)  # 1.914


def test_enl_of_amplitude_and_of_intensity(envelope, everywhere):
    assert enl(envelope, everywhere) == pytest.approx(3.66, rel=0.01)
    assert enl(envelope**2, everywhere) == pytest.approx(1.00, rel=0.01)


def test_enl_is_mean_over_deviation_squared():
    # not (mean / variance)^2 = 36 and not mean^2 / deviation = 1.5 for mean 1.5, deviation .5
    image = np.array([[1.0, 2.0]])
    assert enl(image, np.ones((1, 2), bool)) == pytest.approx(9.0)


def test_enl_does_not_change_with_gain(envelope, everywhere):
    assert enl(0.1 * envelope, everywhere) == pytest.approx(enl(envelope, everywhere))


def test_ssi_is_the_ratio_of_relative_speckle(envelope, everywhere):
    halved = 1 + 0.5 * (envelope - envelope.mean()) / envelope.mean()
    assert ssi(halved, envelope, everywhere) == pytest.approx(0.5)


def test_ssi_of_a_flat_estimate_is_zero_and_of_a_flat_input_undefined(envelope, everywhere):
    assert ssi(np.ones(SHAPE), envelope, everywhere) == 0
    assert np.isnan(ssi(envelope, np.ones(SHAPE), everywhere))


def test_values_outside_the_roi_do_not_count(envelope):
    roi = np.zeros(SHAPE, bool)
    roi[:100, :100] = True
    disturbed = np.where(roi, envelope, 1000 * envelope)
    assert ssnr(disturbed, roi) == ssnr(envelope, roi)


def test_whole_image_speckle_statistics_are_never_computed():
    sample = Sample("plain", np.full((8, 8), 0.5))
    assert ENL.missing(sample) == SSI.missing(sample) == "no homogeneous ROIs"
