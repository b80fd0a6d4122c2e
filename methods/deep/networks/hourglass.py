"""The hourglass of deep image prior (Ulyanov et al.): an encoder and decoder with narrow skip connections."""

import torch
from torch import nn
from torch.nn.functional import interpolate

SLOPE = 0.2


class HourglassLevel(nn.Module):
    """Downsample, apply the inner level, upsample, and concatenate a few channels of the input."""

    def __init__(self, channels: int, width: int, skip: int, inside: nn.Module) -> None:
        super().__init__()
        self.skip = _convolution(channels, skip, 1)
        self.down = nn.Sequential(_convolution(channels, width, 3, stride=2), _convolution(width, width, 3))
        self.inside = inside
        self.norm = nn.BatchNorm2d(width + skip)
        self.up = nn.Sequential(_convolution(width + skip, width, 3), _convolution(width, width, 1))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return `width` features of the same height and width."""
        deep = self.inside(self.down(features))
        deep = interpolate(deep, scale_factor=2, mode="bilinear", align_corners=False)
        return self.up(self.norm(torch.cat([self.skip(features), deep], 1)))


class Hourglass(nn.Module):
    """Nested levels with a sigmoid at the end.

    Parameters
    ----------
    depth
        Channels of the input noise; 32 in the paper.
    width
        Channels of the levels; 128 in the paper.
    skip
        Channels of the skip connections; 4 in the paper.
    levels
        Number of halvings; 5 in the paper. Height and width must be multiples of 2^levels, and at least twice that.
    channels
        Channels of the image.
    """

    def __init__(self, depth: int = 32, width: int = 128, skip: int = 4, levels: int = 5, channels: int = 1) -> None:
        super().__init__()
        inside: nn.Module = nn.Identity()
        for level in reversed(range(levels)):
            inside = HourglassLevel(width if level else depth, width, skip, inside)
        self.layers = nn.Sequential(inside, nn.Conv2d(width, channels, 1), nn.Sigmoid())

    def forward(self, noise: torch.Tensor) -> torch.Tensor:
        """Return an image in [0, 1], (1, 1, H, W), for noise (1, depth, H, W)."""
        return self.layers(noise)


def _convolution(before: int, after: int, size: int, stride: int = 1) -> nn.Sequential:
    padded = nn.Conv2d(before, after, size, stride=stride, padding=size // 2, padding_mode="reflect")
    return nn.Sequential(padded, nn.BatchNorm2d(after), nn.LeakyReLU(SLOPE))
