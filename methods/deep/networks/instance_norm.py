"""Instance normalisation, which CycleGAN's generators and critics have in common."""

import torch
from torch import nn
from torch.nn.functional import batch_norm


class InstanceNorm(nn.Module):
    """Makes mean and deviation of each channel of each image 0 and 1, without gain or offset.

    It is the batch norm of each image by itself, which keeps the memory layout that convolutions are fast in; PyTorch's
    own instance norm does not.
    """

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape, (B, C, H, W)."""
        return torch.cat([batch_norm(single, None, None, training=True) for single in features.split(1)])
