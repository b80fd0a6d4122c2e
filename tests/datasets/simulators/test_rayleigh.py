"""Rayleigh speckle against the closed forms of fully developed speckle."""

import numpy as np
import pytest
from speckle import flat, simulated

RAYLEIGH_SSNR = np.sqrt(np.pi / (4 - np.pi))


def test_rayleigh_keeps_the_mean_and_has_the_ssnr_of_speckle():
    noisy = simulated("rayleigh", flat(0.15))  # clipping starts at 6 times the mean
    assert noisy.mean() == pytest.approx(0.15, rel=2e-3)  # without the gain of 1.2533 divided out: 0.188
    assert noisy.mean() / noisy.std() == pytest.approx(RAYLEIGH_SSNR, rel=0.01)
    assert 1 / noisy.var() * noisy.mean() ** 2 == pytest.approx(3.66, rel=0.02)


def test_rayleigh_has_the_distribution_and_no_correlation():
    from scipy.stats import kstest, rayleigh

    noisy = simulated("rayleigh", flat(0.15))
    assert kstest(noisy.ravel()[::13], rayleigh(scale=0.15 / np.sqrt(np.pi / 2)).cdf).pvalue > 0.01
    assert abs(np.corrcoef(noisy[:, 1:].ravel(), noisy[:, :-1].ravel())[0, 1]) < 0.01
