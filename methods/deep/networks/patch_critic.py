"""The critic of CycleGAN (Zhu et al., ICCV 2017): an unconditional 70 x 70 PatchGAN."""

from itertools import pairwise

import torch
from torch import nn

from .instance_norm import InstanceNorm

SLOPE = 0.2


class PatchCritic(nn.Module):
    """C64-C128-C256-C512 in the paper's notation: a score for each overlapping 70 x 70 patch, high for a real one.

    The critic of pix2pix has the same convolutions, but sees input and output, and uses batch norm.

    Parameters
    ----------
    width
        Channels of the first layer; the paper has 64.
    channels
        Channels of the image.
    """

    def __init__(self, width: int = 64, channels: int = 1) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(channels, width, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE)]
        for (before, after), stride in zip(pairwise([width, 2 * width, 4 * width, 8 * width]), (2, 2, 1), strict=True):
            convolution = nn.Conv2d(before, after, 4, stride=stride, padding=1)
            layers += [convolution, InstanceNorm(), nn.LeakyReLU(SLOPE)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, padding=1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return scores (B, 1, h, w) of an image in [0, 1] of at least 24 x 24 pixels."""
        return self.layers((2 * image - 1).contiguous(memory_format=torch.channels_last))
