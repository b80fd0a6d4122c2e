"""Restormer (Zamir et al., CVPR 2022): a U-Net of transformer blocks with attention over channels, not pixels."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.functional import gelu, normalize, pixel_shuffle, pixel_unshuffle

from ...pix2pix.channel_norm import ChannelNorm
from ...pix2pix.residual_unet import continued
from ...pix2pix.tiles import Tiling

HEADS = (1, 2, 4, 8)
EXPANSION = 2.66
EPS = 1e-5


class ChannelAttention(nn.Module):
    """Transposed attention: each channel is a mixture of the channels of its head, weighted by their similarity.

    The cost is linear in the number of pixels.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.qkv = nn.Conv2d(channels, 3 * channels, 1, bias=False)
        self.local = nn.Conv2d(3 * channels, 3 * channels, 3, padding=1, groups=3 * channels, bias=False)
        self.project = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        parts = self.local(self.qkv(features)).chunk(3, 1)
        query, key, value = (part.flatten(2).unflatten(1, (self.heads, -1)) for part in parts)
        similarity = normalize(query, dim=-1) @ normalize(key, dim=-1).transpose(-2, -1) * self.temperature
        mixed = similarity.softmax(-1) @ value
        return self.project(mixed.flatten(1, 2).unflatten(2, features.shape[2:]))


class TransformerBlock(nn.Module):
    """Channel attention, then a gated depthwise layer, both residual with normalisation of their input."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        hidden = int(channels * EXPANSION)
        self.norms = nn.ModuleList(ChannelNorm(channels, centred=False, eps=EPS) for _ in range(2))
        self.attention = ChannelAttention(channels, heads)
        self.widen = nn.Conv2d(channels, 2 * hidden, 1, bias=False)
        self.local = nn.Conv2d(2 * hidden, 2 * hidden, 3, padding=1, groups=2 * hidden, bias=False)
        self.project = nn.Conv2d(hidden, channels, 1, bias=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        features = features + self.attention(self.norms[0](features))
        gate, inner = self.local(self.widen(self.norms[1](features))).chunk(2, 1)
        return features + self.project(gelu(gate) * inner)


class RestormerNetwork(nn.Module):
    """Four levels of transformer blocks with concatenated skips, which the first level does not merge.

    Parameters
    ----------
    width
        Channels of the first level, a multiple of 8; the paper has 48.
    blocks
        Blocks of each level; the paper has 4, 6, 6 and 8.
    refinement
        Blocks after the last level; the paper has 4.
    channels
        Channels of the image.
    fold
        Factor of the pixel unshuffle before the first level: 1 works at full resolution, as in the paper, and 2 takes a
        quarter of the time.
    """

    tiling = Tiling(size=512, overlap=128, fixed=False)

    def __init__(self, width: int, blocks: Sequence[int], refinement: int, channels: int = 1, fold: int = 1) -> None:
        super().__init__()
        self.fold = fold
        widths = [width * 2**level for level in range(len(HEADS))]
        levels = list(zip(widths, HEADS, blocks, strict=True))
        self.head = nn.Conv2d(channels * fold**2, width, 3, padding=1, bias=False)
        self.encode = nn.ModuleList(_stage(*level) for level in levels)
        self.down = nn.ModuleList(nn.Conv2d(count, count // 2, 3, padding=1, bias=False) for count in widths[:-1])
        self.up = nn.ModuleList(nn.Conv2d(count, 2 * count, 3, padding=1, bias=False) for count in widths[:0:-1])
        self.merge = nn.ModuleList(
            [*(nn.Conv2d(2 * count, count, 1, bias=False) for count in widths[-2:0:-1]), nn.Identity()]
        )
        self.decode = nn.ModuleList(
            [*(_stage(*level) for level in levels[-2:0:-1]), _stage(2 * width, HEADS[0], blocks[0] + refinement)]
        )
        self.tail = nn.Conv2d(2 * width, channels * fold**2, 3, padding=1, bias=False)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the restored image, (B, 1, H, W)."""
        height, width = image.shape[2:]
        features = self.head(pixel_unshuffle(continued(image).to(self.head.weight.dtype), self.fold))
        kept = []
        for encode, down in zip(self.encode, self.down, strict=False):
            kept.append(encode(features))
            features = pixel_unshuffle(down(kept[-1]), 2)
        features = self.encode[-1](features)
        for up, merge, decode in zip(self.up, self.merge, self.decode, strict=True):
            features = decode(merge(torch.cat([pixel_shuffle(up(features), 2), kept.pop()], 1)))
        return image + pixel_shuffle(self.tail(features), self.fold)[:, :, :height, :width].float()


def _stage(channels: int, heads: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*(TransformerBlock(channels, heads) for _ in range(blocks)))
