"""NAFNet (Chen et al., ECCV 2022): a U-Net of blocks with multiplicative gates instead of activation functions."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.functional import pixel_shuffle

from ...pix2pix.naf_block import NafBlock
from ...pix2pix.residual_unet import continued
from ...pix2pix.tiles import Tiling


class NafNetNetwork(nn.Module):
    """A U-Net with additive skips and twice as many channels on each deeper level.

    Parameters
    ----------
    width
        Channels of the first level.
    encoder, middle, decoder
        Blocks of each encoder level, of the innermost level, and of each decoder level.
    channels
        Channels of the image.
    """

    tiling = Tiling(size=512, overlap=128, fixed=False)

    def __init__(
        self, width: int, encoder: Sequence[int], middle: int, decoder: Sequence[int], channels: int = 1
    ) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(len(encoder))]
        self.head = nn.Conv2d(channels, width, 3, padding=1)
        self.encode = nn.ModuleList(_stage(*level) for level in zip(widths, encoder, strict=True))
        self.down = nn.ModuleList(nn.Conv2d(count, 2 * count, 2, stride=2) for count in widths)
        self.middle = _stage(2 * widths[-1], middle)
        self.up = nn.ModuleList(nn.Conv2d(2 * count, 4 * count, 1, bias=False) for count in reversed(widths))
        self.decode = nn.ModuleList(_stage(*level) for level in zip(reversed(widths), decoder, strict=True))
        self.tail = nn.Conv2d(width, channels, 3, padding=1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the restored image, (B, 1, H, W)."""
        height, width = image.shape[2:]
        features = self.head(continued(image).to(self.head.weight.dtype))
        kept = []
        for encode, down in zip(self.encode, self.down, strict=True):
            kept.append(encode(features))
            features = down(kept[-1])
        features = self.middle(features)
        for up, decode in zip(self.up, self.decode, strict=True):
            features = decode(pixel_shuffle(up(features), 2) + kept.pop())
        return image + self.tail(features)[:, :, :height, :width].float()


def _stage(channels: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*(NafBlock(channels) for _ in range(blocks)))
