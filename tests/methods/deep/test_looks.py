"""Two looks are of one scanner, their speckle is independent, and a network learns from them."""

import numpy as np
import pytest
from speckled_pairs import Tissue, error_left, supply
from usbench.methods.deep.looks import TwoLooks
from usbench.methods.pix2pix.regression import Regression


@pytest.mark.full
@pytest.mark.parametrize("simulator", ["rayleigh", "varied", "gan-s"])
def test_two_looks_are_of_one_scanner(simulator):
    pairs = supply(simulator)
    for index in range(3):
        first, second = TwoLooks(pairs)(index)
        image, reference = pairs(index)
        assert np.array_equal(first, image)
        assert not np.array_equal(second, image)
        again = pairs.simulated(index, np.random.default_rng(index))
        # the gain follows the brightest speckle, and the reference of gan-s is a mean of some drawings
        assert np.abs(again.reference - reference).mean() < 0.02
        assert again.dynamic_range_db == pairs.simulated(index).dynamic_range_db


@pytest.mark.parametrize("simulator", ["rayleigh", "varied"])
def test_speckle_of_two_looks_is_independent(simulator):
    pairs = supply(simulator, 128, Tissue([130, 130], [130, 130]))
    for index in range(4):
        looks = TwoLooks(pairs)(index)
        similarity = np.corrcoef(looks[0].ravel(), looks[1].ravel())[0, 1]
        assert abs(similarity) < 0.15, index  # grains are wide: 128 x 128 pixels hold a few hundred of them


@pytest.mark.full
def test_a_network_of_looks_learns_to_despeckle_without_a_clean_image(tmp_path):
    assert error_left(Regression, TwoLooks, tmp_path) < 0.5
