"""The U-Net-256 for images in [0, 1]."""

import torch

from .networks import UnetGenerator
from .tiles import Tiling


class UnitUnet(UnetGenerator):
    """A `UnetGenerator` for images in [0, 1] at input and output; internally they are in [-1, 1]."""

    tiling = Tiling(size=256, overlap=64, fixed=True)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the generated image, (B, 1, H, W), for height and width that are multiples of 256."""
        signed = (2 * image - 1).to(next(self.parameters()).dtype)
        return (super().forward(signed).float() + 1) / 2
