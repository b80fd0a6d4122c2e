"""The generator of our own `D`: a residual U-Net without normalisation, for images of any size.

The `unet_256` of pix2pix normalises over the batch, so that its grey scale under `eval()` differs from that of its
training, and a single strided convolution sees the full resolution. This network takes its place in the GAN, with
changes suggested by measurements: residual blocks, channel attention over the whole image, and an output that is added
to the input.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn.functional import pad, pixel_shuffle, pixel_unshuffle, relu

from .naf_block import NafBlock
from .tiles import Tiling

LEVELS = 5
MULTIPLE = 2**LEVELS  # pixels; height and width are padded to a multiple of this
WIDEST = 4  # channels grow to this many times those of the first level


class AttentiveBlock(nn.Module):
    """A residual block of two 3 x 3 convolutions with channel attention over the whole image between them.

    The last convolution is initialised to zero, so that the block starts as the identity, which replaces normalisation
    (Bachlechner et al., "ReZero is all you need", UAI 2021). The attention is squeeze and excitation (Hu et al., CVPR
    2018) without its bottleneck.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.before = nn.Conv2d(channels, channels, 3, padding=1)
        self.attention = nn.Linear(channels, channels)
        self.after = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.after.weight)
        nn.init.zeros_(self.after.bias)  # type: ignore[arg-type]

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        inner = relu(self.before(features))
        weights = 2 * self.attention(inner.mean((2, 3))).sigmoid()
        return features + self.after(inner * weights[:, :, None, None])


BLOCKS: dict[str, type[nn.Module]] = {"attentive": AttentiveBlock, "naf": NafBlock}


class ResidualUnet(nn.Module):
    """A U-Net of residual blocks on five levels, the first at half resolution.

    Parameters
    ----------
    width
        Channels of the first level; deeper ones have up to four times as many.
    blocks
        Residual blocks of each level of the encoder, and of the decoder.
    block
        "naf" or "attentive": the kind of block.
    """

    tiling = Tiling(size=1088, overlap=64, fixed=False)

    def __init__(self, width: int = 32, blocks: int = 1, block: str = "attentive") -> None:
        super().__init__()
        channels = [width * min(2**level, WIDEST) for level in range(LEVELS)]
        steps = list(pairwise(channels))
        self.head = nn.Conv2d(4, width, 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(outer, inner, 2, stride=2) for outer, inner in steps)
        self.up = nn.ModuleList(nn.Conv2d(inner, 4 * outer, 1) for outer, inner in steps)
        self.encode = nn.ModuleList(_stage(BLOCKS[block], count, blocks) for count in channels)
        self.decode = nn.ModuleList(_stage(BLOCKS[block], count, blocks) for count in channels[:-1])
        self.tail = nn.Conv2d(width, 4, 3, padding=1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the generated image (B, 1, H, W) for an image (B, 1, H, W) in [0, 1]."""
        height, width = image.shape[2:]
        features = self.head(pixel_unshuffle(continued(image).to(self.head.weight.dtype), 2))
        features = through_levels(features, self.encode, self.down, self.up, self.decode)
        change = pixel_shuffle(self.tail(features), 2)[:, :, :height, :width]
        return image + change.float()


def through_levels(
    features: torch.Tensor, encode: nn.ModuleList, down: nn.ModuleList, up: nn.ModuleList, decode: nn.ModuleList
) -> torch.Tensor:
    """Return features after the levels of a U-Net whose skips are added.

    `encode` has a stage for every level, `down`, `up` and `decode` one for every level but the innermost.
    """
    kept = []
    for stage, halve in zip(encode, down, strict=False):
        kept.append(stage(features))
        features = halve(kept[-1])
    features = encode[-1](features)
    for stage, double in zip(reversed(decode), reversed(up), strict=True):
        features = stage(pixel_shuffle(double(features), 2) + kept.pop())
    return features


def continued(image: torch.Tensor) -> torch.Tensor:
    """Pad the image below and to the right, by mirroring, to the next multiple of 32 pixels."""
    for axis in (2, 3):
        extent = image.shape[axis]
        missing = -extent % MULTIPLE
        if missing:
            margins = (0, missing, 0, 0) if axis == 3 else (0, 0, 0, missing)
            image = pad(image, margins, mode="reflect" if missing < extent else "replicate")
    return image


def _stage(block: type[nn.Module], channels: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*(block(channels) for _ in range(blocks)))
