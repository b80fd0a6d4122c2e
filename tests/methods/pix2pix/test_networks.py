"""The networks are pix2pix's: names, sizes and receptive field."""

import numpy as np
import pytest
import torch
from usbench.methods.pix2pix.networks import PatchDiscriminator, UnetGenerator, initialise

from usbench.core.errors import UsageError


def test_generator_has_the_size_of_unet_256():
    count = sum(p.numel() for p in UnetGenerator(64).parameters())
    # the reference implementation reports 54.414 M for RGB: two more channels into the first layer, and two more out of
    # the last with their biases
    rgb = count + 2 * 64 * 16 + 2 * 128 * 16 + 2
    assert round(rgb / 1e6, 3) == 54.414


def test_state_dict_has_the_names_of_the_reference_implementation():
    keys = set(UnetGenerator(4).state_dict())
    inner = "model.model.1.model.3.model.3.model.3.model.3.model.3.model.3.model."
    assert {
        "model.model.0.weight",
        "model.model.3.weight",
        "model.model.3.bias",
        "model.model.1.model.1.weight",
        "model.model.1.model.2.running_mean",
        "model.model.1.model.5.weight",
        "model.model.1.model.6.weight",
        inner + "1.weight",
        inner + "3.weight",
        inner + "4.running_var",
    } <= keys
    assert "model.model.0.bias" not in keys
    assert inner + "5.weight" not in keys


@pytest.mark.parametrize("shape", [(1, 256, 256), (2, 256, 512)])
def test_generator_keeps_the_size(shape):
    batch, height, width = shape
    output = UnetGenerator(2).eval()(torch.rand(batch, 1, height, width))
    assert output.shape == (batch, 1, height, width)
    assert output.abs().max() <= 1


def test_dropout_is_in_the_three_inner_levels():
    dropouts = [name for name, module in UnetGenerator(2).named_modules() if isinstance(module, torch.nn.Dropout)]
    assert sorted(name.count("model.3") for name in dropouts) == [3, 4, 5]


@pytest.mark.parametrize("depth", [5, 7])
def test_depth_is_the_number_of_halvings(depth):
    network = UnetGenerator(2, depth=depth).eval()
    assert network(torch.rand(1, 1, 2**depth, 2**depth)).shape == (1, 1, 2**depth, 2**depth)
    halvings = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d)]
    assert len(halvings) == depth
    with pytest.raises(UsageError, match="too shallow"):
        UnetGenerator(2, depth=4)


@pytest.mark.parametrize(("depth", "pixels", "logits"), [(2, 34, 62), (3, 70, 30), (4, 142, 14)])
def test_a_patch_discriminator_sees_70_pixels_and_more_with_depth(depth, pixels, logits):
    critic = PatchDiscriminator(2, depth).eval()
    pair = torch.rand(1, 2, 256, 256, requires_grad=True)
    judged = critic(pair)
    assert judged.shape == (1, 1, logits, logits)
    judged[0, 0, logits // 2, logits // 2].backward()
    rows = np.flatnonzero(pair.grad[0].abs().sum((0, 2)).numpy())
    assert rows.max() - rows.min() + 1 == pixels


def test_initial_weights_are_normal_with_deviation_002():
    network = UnetGenerator(8)
    initialise(network, torch.Generator().manual_seed(0))
    weights = torch.cat([p.flatten() for n, p in network.named_parameters() if p.ndim == 4])
    assert weights.std().item() == pytest.approx(0.02, rel=0.01)
    assert abs(weights.mean().item()) < 1e-4
