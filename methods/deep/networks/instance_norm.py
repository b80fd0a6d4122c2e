"""Instance normalisation, used by CycleGAN's generators and critics."""

import torch
from torch import nn
from torch.nn.functional import batch_norm


class InstanceNorm(nn.Module):
    """Normalises each channel of each image to mean 0 and standard deviation 1, without gain or offset.

    It applies batch norm to each image on its own, which keeps the channels-last layout that convolutions are fast in.
    PyTorch's own instance norm does not.
    """

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape, (B, C, H, W)."""
        return torch.cat([batch_norm(single, None, None, training=True) for single in features.split(1)])
