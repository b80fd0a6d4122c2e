"""Coarser versions of one image: what they keep, their losses, and a network learns from them."""

import numpy as np
import pytest
import torch
from speckled_pairs import CPU, L2, supply
from usbench.methods.deep.networks.speckle2self import Speckle2SelfNetwork
from usbench.methods.deep.scales import ScaleRegression, SingleImages, coarser

from usbench.training.contracts import Recipe, Schedule
from usbench.training.loop import fit


def test_coarser_versions_keep_structure_and_change_grains():
    image = torch.rand(2, 1, 64, 48, generator=torch.Generator().manual_seed(0))
    full, half, quarter = coarser(image).split(1, 1)
    assert torch.equal(full, image)
    flat = torch.full((1, 1, 20, 31), 0.3)
    assert torch.allclose(coarser(flat), flat, atol=1e-6)
    slope = torch.linspace(0, 1, 64)[None, None, :, None].expand(1, 1, 64, 64)
    assert torch.allclose(coarser(slope)[:, :, 8:-8], slope[:, :, 8:-8], atol=1e-5)  # structure is where it was
    noise = torch.randn(1, 1, 256, 256, generator=torch.Generator().manual_seed(0))
    deviations = coarser(noise).std((2, 3))[0]
    assert deviations[0] > 2 * deviations[1:].max()
    apart = (coarser(noise)[..., 3:] - coarser(noise)[..., :-3]).std((2, 3))[0] / deviations
    assert apart[0] > 1.1 * apart[2]  # and what is left of the grains is wider
    assert apart[1] > 1.1 * apart[2]
    assert [version.shape for version in (half, quarter)] == [image.shape] * 2
    assert coarser(torch.rand(1, 1, 1, 3)).shape == (1, 3, 1, 3)


def test_pairs_of_single_images_hold_no_clean_image():
    pairs = supply("rayleigh")
    source, target = SingleImages(pairs)(3)
    assert source is target
    assert np.array_equal(source, pairs(3)[0])


def test_losses_of_scales_are_those_of_the_equation():
    made = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    task = ScaleRegression.__new__(ScaleRegression)
    task.networks, task.objective = {"generator": lambda versions: made}, L2
    image = torch.rand(2, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    terms = task.terms(image, image, 0.0)
    squares = [((made[:, k] - coarser(image)[:, k]) ** 2).mean().item() for k in range(3)]
    apart = [(made[:, first] - made[:, second]).abs().mean().item() for first, second in ((0, 1), (0, 2), (1, 2))]
    assert [weight for weight, _ in terms.values()] == [1, 1]
    assert terms["l2"][1].item() == pytest.approx(sum(squares), rel=1e-5)
    assert terms["consistency"][1].item() == pytest.approx(sum(apart), rel=1e-5)


@pytest.mark.full
def test_speckle2self_learns_to_despeckle_without_a_clean_image(tmp_path):
    seen = [supply("rayleigh")(index) for index in range(40)]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = ScaleRegression(Speckle2SelfNetwork(4), L2, 5e-3, average_decay=0.9)
    recipe = Recipe(
        made, lambda index: SingleImages(seen.__getitem__)(8 + index % 32), seen.__getitem__, {}, list, dict
    )
    fit(recipe, Schedule(steps=120, batch=4), tmp_path, CPU)
    images, references = (torch.from_numpy(np.stack(half))[:, None] for half in zip(*seen[:8], strict=True))
    before, after = (((result - references) ** 2).mean() for result in (images, made.estimate(images)))
    assert after < 0.5 * before
