"""U-Net (Ronneberger et al., MICCAI 2015) with padded convolutions, so that the image keeps its size."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn.functional import max_pool2d

from ...pix2pix.residual_unet import continued
from ...pix2pix.tiles import Tiling

LEVELS = 5


class UnetNetwork(nn.Module):
    """Two 3 x 3 convolutions with ReLU per level, max pooling, up-convolutions, and concatenated skips.

    Parameters
    ----------
    width
        Channels of the first level, and twice as many on each deeper one; the paper has 64.
    residual
        Whether the output is added to the image, as in DnCNN, or is the result itself, as in the paper.
    inputs
        Number of input planes.
    """

    tiling = Tiling(size=1024, overlap=256, fixed=False)

    def __init__(self, width: int = 64, residual: bool = False, inputs: int = 1) -> None:
        super().__init__()
        channels = [width * 2**level for level in range(LEVELS)]
        self.residual = residual
        self.encode = nn.ModuleList(_twice(before, after) for before, after in pairwise([inputs, *channels]))
        self.up = nn.ModuleList(nn.ConvTranspose2d(inner, outer, 2, stride=2) for outer, inner in pairwise(channels))
        self.decode = nn.ModuleList(_twice(2 * outer, outer) for outer in channels[:-1])
        self.tail = nn.Conv2d(width, 1, 1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the restored image, (B, 1, H, W)."""
        height, width = image.shape[2:]
        features = self.encode[0](continued(image).to(self.tail.weight.dtype))
        kept = []
        for encode in self.encode[1:]:
            kept.append(features)
            features = encode(max_pool2d(features, 2))
        for up, decode in zip(reversed(self.up), reversed(self.decode), strict=True):
            features = decode(torch.cat([kept.pop(), up(features)], 1))
        made = self.tail(features)[:, :, :height, :width].float()
        return image + made if self.residual else made


def _twice(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.Conv2d(after, after, 3, padding=1), nn.ReLU()
    )
