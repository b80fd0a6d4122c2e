"""The block of NAFNet (Chen et al., ECCV 2022): multiplicative gates instead of activation functions."""

import torch
from torch import nn

from .channel_norm import ChannelNorm


class NafBlock(nn.Module):
    """A gated depthwise convolution with simplified channel attention, then a gated layer, both as scaled residuals.

    The two scales are initialised to 0, so that the block starts as the identity.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(ChannelNorm(channels) for _ in range(2))
        self.widen = nn.ModuleList(nn.Conv2d(channels, 2 * channels, 1) for _ in range(2))
        self.depthwise = nn.Conv2d(2 * channels, 2 * channels, 3, padding=1, groups=2 * channels)
        self.attention = nn.Conv2d(channels, channels, 1)
        self.project = nn.ModuleList(nn.Conv2d(channels, channels, 1) for _ in range(2))
        self.scales = nn.ParameterList(torch.zeros(1, channels, 1, 1) for _ in range(2))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        inner = _gated(self.depthwise(self.widen[0](self.norms[0](features))))
        inner = inner * self.attention(inner.mean((2, 3), keepdim=True))
        features = features + self.scales[0] * self.project[0](inner)
        inner = _gated(self.widen[1](self.norms[1](features)))
        return features + self.scales[1] * self.project[1](inner)


def _gated(features: torch.Tensor) -> torch.Tensor:
    first, second = features.chunk(2, 1)
    return first * second
