"""Pairs with hidden blocks hold no clean image, and a network that fills them in removes wide grains."""

import numpy as np
import pytest
import torch
from speckled_pairs import CPU, L2, Tissue, supply
from usbench.methods.deep.inpainting import SIDES, HiddenBlockPairs, InpaintingRegression
from usbench.methods.deep.networks.inpainting import InpaintingUnet

from usbench.training.contracts import Recipe, Schedule
from usbench.training.loop import fit


def test_pairs_with_hidden_blocks_hold_no_clean_image():
    pairs = supply("rayleigh")
    (shown, hidden), target = HiddenBlockPairs(pairs)(4)
    assert np.array_equal(target, pairs(4)[0])
    assert np.array_equal(shown, target * (hidden == 0))
    assert 0.1 < hidden.mean() < 0.45
    rows = np.flatnonzero(np.diff(hidden.max(1)))  # a block lies between two changes
    assert SIDES[0] <= np.diff(rows).min() <= np.diff(rows).max() <= SIDES[1]


@pytest.mark.full
def test_inpainting_removes_grains_that_are_wider_than_a_pixel(tmp_path):
    speckled = supply("psf", 64, Tissue([90, 90], [90, 90]))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = InpaintingRegression(InpaintingUnet(2), L2, 5e-3, average_decay=0.9)
    recipe = Recipe(made, HiddenBlockPairs(speckled), speckled, {}, lambda: [], lambda _: {})
    fit(recipe, Schedule(steps=60, batch=4), tmp_path, CPU)
    image, _ = speckled(1000)
    result = made.estimate(torch.from_numpy(image)[None, None])[0, 0].numpy()
    assert result[8:-8, 8:-8].std() < 0.4 * image[8:-8, 8:-8].std()
