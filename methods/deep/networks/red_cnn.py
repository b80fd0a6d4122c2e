"""RED-CNN (Chen et al., TMI 2017): an encoder and decoder of 5 x 5 convolutions without padding, with shortcuts."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn.functional import relu

from ...pix2pix.residual_unet import continued
from ...pix2pix.tiles import Tiling

STAGES = 5
SHORTCUTS = (1, 3)  # after the second and the fourth convolution; a third starts from the image
SMALLEST = 4 * STAGES + 1  # pixels: each convolution removes two on each side


class RedCnnNetwork(nn.Module):
    """Five convolutions and five transposed ones, each followed by a ReLU, with three additive shortcuts.

    Images smaller than 21 pixels are padded by mirroring first.

    Parameters
    ----------
    width
        Channels; the paper has 96.
    """

    tiling = Tiling(size=1024, overlap=64, fixed=False)

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        channels = [1] + [width] * STAGES
        pairs = list(pairwise(channels))
        self.encode = nn.ModuleList(nn.Conv2d(outer, inner, 5) for outer, inner in pairs)
        self.decode = nn.ModuleList(nn.ConvTranspose2d(inner, outer, 5) for outer, inner in reversed(pairs))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the restored image, (B, 1, H, W)."""
        height, width = image.shape[2:]
        whole = continued(image) if min(height, width) < SMALLEST else image
        features = whole.to(next(self.parameters()).dtype)
        kept = []
        for stage, convolve in enumerate(self.encode):
            features = relu(convolve(features))
            if stage in SHORTCUTS:
                kept.append(features)
        for stage, convolve in enumerate(self.decode[:-1]):
            features = convolve(features)
            features = relu(features + kept.pop() if stage in (0, 2) else features)
        restored = relu(self.decode[-1](features).float() + whole)
        return restored[:, :, :height, :width]
