"""Between the suite's images in [0, 1] and a network of images in [-1, 1]."""

import torch
from torch import nn

from .tiles import Tiling


class UnitRange(nn.Module):
    """A network of [-1, 1] that is given, and gives, images in [0, 1]."""

    tiling = Tiling(size=256, overlap=64, fixed=True)

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the network's image, scaled."""
        signed = (2 * image - 1).to(next(self.network.parameters()).dtype)
        return (self.network(signed).float() + 1) / 2
