"""The critic of CycleGAN against the paper: parameters and receptive field."""

import numpy as np
import torch
from torch import nn
from usbench.methods.deep.networks.instance_norm import InstanceNorm
from usbench.methods.deep.networks.patch_critic import PatchCritic


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def convolutions(side: int, *channels: tuple[int, int]) -> int:
    return sum(before * after * side**2 + after for before, after in channels)


def test_the_critic_has_the_papers_size():
    # C64, C128, C256, C512 and the last layer, all of 4 x 4
    expected = convolutions(4, (3, 64), (64, 128), (128, 256), (256, 512), (512, 1))
    assert count(PatchCritic(64, channels=3)) == expected == 2_764_737


def test_a_mark_of_the_critic_is_for_70_pixels():
    critic = PatchCritic(2)
    for module in critic.modules():
        if isinstance(module, InstanceNorm):  # through its statistics a mark depends on all pixels
            module.forward = lambda features: features
    image = torch.rand(1, 1, 256, 256, requires_grad=True)
    marks = critic(image)
    assert marks.shape == (1, 1, 30, 30)
    marks[0, 0, 15, 15].backward()
    rows = np.flatnonzero(image.grad[0, 0].abs().sum(1).numpy())
    assert rows.max() - rows.min() + 1 == 70
