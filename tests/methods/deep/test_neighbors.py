"""Halves of an image that are neighbours: which pixels they have, their losses, and a network learns from them."""

import numpy as np
import pytest
import torch
from speckled_pairs import L2, error_left
from usbench.methods.deep.neighbors import NeighborPairs, NeighborRegression, marked, neighbors


def test_halves_are_neighbours_of_each_cell_in_every_direction():
    marks = neighbors((64, 65), np.random.default_rng(0))
    assert not marks[:, 64].any()
    cells = marks[:, :64].reshape(32, 2, 32, 2).swapaxes(1, 2).reshape(-1, 2, 2)
    seen = set()
    for cell in cells:
        assert sorted(cell.ravel()) == [0, 0, 1, 2]
        first, second = np.argwhere(cell == 1)[0], np.argwhere(cell == 2)[0]
        assert np.abs(first - second).sum() == 1
        seen.add((*first, *second))
    assert len(seen) == 8
    image = torch.rand(1, 1, 64, 65)
    half = marked(image, torch.from_numpy(marks)[None, None], 2)
    assert half.shape == (1, 1, 32, 32)
    assert torch.allclose(half.flatten().sort()[0], image[0, 0][torch.from_numpy(marks) == 2].sort()[0], atol=1e-6)


def test_the_second_loss_of_neighbours_is_nothing_for_the_difference_of_the_result():
    class Halfway(torch.nn.Module):
        def forward(self, image):
            return image / 2 if image.shape[2] == 16 else image

    task = NeighborRegression.__new__(NeighborRegression)
    task.networks, task.objective = {"generator": Halfway()}, L2
    marks = torch.from_numpy(neighbors((16, 16), np.random.default_rng(0)))[None, None]
    image = torch.rand(1, 1, 16, 16)
    first, second = marked(image, marks, 1), marked(image, marks, 2)
    terms = task.terms(torch.cat([image, marks], 1), image, 0.25)
    assert terms["l2"][1].item() == pytest.approx(((first - second) ** 2).mean().item(), rel=1e-5)
    assert terms["difference"][0] == 0.5
    # the result on the whole image is half of it: so are the differences that are expected
    assert terms["difference"][1].item() == pytest.approx(((first - second) ** 2).mean().item() / 4, rel=1e-4)


@pytest.mark.full
def test_a_network_of_neighbours_learns_to_despeckle_without_a_clean_image(tmp_path):
    assert error_left(NeighborRegression, NeighborPairs, tmp_path) < 0.5
