"""The gamma mixture on speckle of two populations."""

import numpy as np
import pytest
from usbench.methods.classical.mixture import fit_gamma_mixture


def test_the_gamma_mixture_finds_two_speckle_populations():
    rng = np.random.default_rng(0)
    first, second = 0.1 * rng.gamma(4, 0.25, 6000), 0.6 * rng.gamma(9, 1 / 9, 4000)
    mixture = fit_gamma_mixture(np.concatenate([first, second]).reshape(100, 100), 2)
    assert mixture.share == pytest.approx([0.6, 0.4], abs=0.03)
    assert mixture.shape * mixture.scale == pytest.approx([0.1, 0.6], rel=0.05)
    assert mixture.shape == pytest.approx([4, 9], rel=0.2)
