"""The generator of CycleGAN (Zhu et al., ICCV 2017): residual blocks at a quarter of the image's size."""

import torch
from torch import nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from ...pix2pix.residual_unet import continued
from ...pix2pix.tiles import Tiling
from .instance_norm import InstanceNorm


class ResnetBlock(nn.Module):
    """Two 3 x 3 convolutions with instance norm, and ReLU after the first, added to the input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        first, second = (_convolution(channels, channels, 3) for _ in range(2))
        self.layers = nn.Sequential(*first, nn.ReLU(), *second)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        return features + self.layers(features)


class ResnetGenerator(nn.Module):
    """c7s1-k, d2k, d4k, blocks R4k, u2k, uk, c7s1-1 in the paper's notation, with a tanh at the end.

    Instance norm uses the mean and standard deviation of its input, which is the image or a tile of it. Tiles are
    therefore large, and blended over 256 pixels.

    Parameters
    ----------
    width
        Channels k of the first layer; the paper has 64.
    blocks
        Residual blocks; the paper has 6 for images of 128 x 128, and 9 for 256 x 256 and more.
    channels
        Channels of the image.
    fold
        Factor of the pixel unshuffle before the first layer: 1 works at full resolution, as in the paper, and 2 takes a
        quarter of the time.
    """

    tiling = Tiling(size=1024, overlap=256, fixed=False)

    def __init__(self, width: int = 64, blocks: int = 9, channels: int = 1, fold: int = 1) -> None:
        super().__init__()
        self.fold = fold
        halvings = [(width, 2 * width), (2 * width, 4 * width)]
        layers: list[nn.Module] = [*_convolution(channels * fold**2, width, 7), nn.ReLU()]
        for outer, inner in halvings:
            layers += [nn.Conv2d(outer, inner, 3, stride=2, padding=1), InstanceNorm(), nn.ReLU()]
        layers += [ResnetBlock(4 * width) for _ in range(blocks)]
        for outer, inner in reversed(halvings):
            up = nn.ConvTranspose2d(inner, outer, 3, stride=2, padding=1, output_padding=1)
            layers += [up, InstanceNorm(), nn.ReLU()]
        self.layers = nn.Sequential(*layers)
        self.tail = nn.Conv2d(width, channels * fold**2, 7, padding=3, padding_mode="reflect")

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the translated image (B, 1, H, W) of one in [0, 1]; internally both are in [-1, 1]."""
        height, width = image.shape[2:]
        features = pixel_unshuffle((2 * continued(image) - 1).to(self.tail.weight.dtype), self.fold)
        made = pixel_shuffle(self.tail(self.layers(features)), self.fold)
        return (made[:, :, :height, :width].float().tanh() + 1) / 2


def _convolution(before: int, after: int, size: int) -> tuple[nn.Module, nn.Module]:
    padded = nn.Conv2d(before, after, size, padding=size // 2, padding_mode="reflect")
    return padded, InstanceNorm()
