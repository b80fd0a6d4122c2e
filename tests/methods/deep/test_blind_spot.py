"""Blind spots: a hidden pixel does not reach its own prediction, and a network learns from them."""

import numpy as np
import pytest
import torch
from speckled_pairs import error_left, supply
from usbench.methods.deep.blind_spot import BlindSpotPairs, BlindSpotRegression, blind_spots
from usbench.methods.deep.networks.unet import UnetNetwork


def test_a_hidden_pixel_does_not_reach_its_own_prediction():
    places, hidden = blind_spots((64, 48), np.random.default_rng(0))
    image = torch.rand(64 * 48, generator=torch.Generator().manual_seed(0), requires_grad=True)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = UnetNetwork(4)
    made = network(image[torch.from_numpy(places)][None, None])[0, 0]
    for row, column in np.argwhere(hidden)[::5]:
        (gradient,) = torch.autograd.grad(made[row, column], image, retain_graph=True)
        gradient = gradient.reshape(64, 48)
        assert gradient[row, column] == 0
        assert bool((gradient[torch.from_numpy(hidden)] == 0).all())  # nor does that of any other hidden one
        assert gradient[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4].abs().max() > 0


@pytest.mark.parametrize("shape", [(64, 64), (9, 30), (8, 3)])
def test_one_pixel_a_box_is_hidden_behind_a_neighbour(shape):
    places, hidden = blind_spots(shape, np.random.default_rng(1))
    boxes = [hidden[top : top + 8, left : left + 8] for top in range(0, shape[0], 8) for left in range(0, shape[1], 8)]
    assert {int(box.sum()) for box in boxes} == {1}
    own = np.arange(hidden.size).reshape(shape)
    assert np.array_equal(places != own, hidden)
    distance = np.abs(np.array(np.unravel_index(places, shape)) - np.indices(shape)).max(0)
    assert distance.max() <= 2


def test_pairs_with_a_blind_spot_hold_no_clean_image():
    pairs = supply("rayleigh")
    (masked, hidden), target = BlindSpotPairs(pairs)(4)
    assert np.array_equal(target, pairs(4)[0])
    assert np.array_equal(masked[hidden == 0], target[hidden == 0])
    assert masked.dtype == hidden.dtype == np.float32


@pytest.mark.full
def test_a_network_with_blind_spots_learns_to_despeckle_without_a_clean_image(tmp_path):
    assert error_left(BlindSpotRegression, BlindSpotPairs, tmp_path) < 0.5
