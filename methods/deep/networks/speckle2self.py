"""The network of Speckle2Self (Li, Navab, Jiang, MedIA 2025): an encoder for each scale and one decoder for all."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn.functional import relu

from ...pix2pix.residual_unet import continued
from ...pix2pix.tiles import Tiling

SCALES = 3
LEVELS = 4
EPSILON = 1e-5  # added to the standard deviation, which is 0 for a flat image


class NormedBlock(nn.Module):
    """Two 3 x 3 convolutions with instance normalisation, added to the features."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.norm = nn.InstanceNorm2d(channels)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        before, after = self.convolutions
        return features + self.norm(after(relu(self.norm(before(features)))))


class Speckle2SelfNetwork(nn.Module):
    """Autoencoders for several scales with a common decoder, without skips.

    Each image is first normalised to mean 0 and standard deviation 1, which is undone on the result.

    Parameters
    ----------
    width
        Channels of the first level, which has half resolution, and twice as many on each of the three deeper levels;
        the authors have 32.
    """

    tiling = Tiling(size=1024, overlap=128, fixed=False)

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        channels = [width * 2**level for level in range(LEVELS)]
        self.encoders = nn.ModuleList(_encoder([1, *channels]) for _ in range(SCALES))
        self.decoder = _decoder([*reversed(channels), 1])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the result for each channel: the image itself, then its coarser versions if they are given."""
        height, width = images.shape[2:]
        mean = images.mean((2, 3), keepdim=True)
        deviation = images.std((2, 3), correction=0, keepdim=True) + EPSILON
        inner = continued((images - mean) / deviation).to(next(self.parameters()).dtype)
        codes = [encoder(image) for encoder, image in zip(self.encoders, inner.split(1, 1), strict=False)]
        made = torch.cat([self.decoder(code) for code in codes], 1)[:, :, :height, :width]
        return mean + deviation * made.float()


def _encoder(channels: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in pairwise(channels):
        layers += [nn.Conv2d(before, after, 3, 2, 1), nn.InstanceNorm2d(after), nn.ReLU(), NormedBlock(after)]
    return nn.Sequential(*layers)


def _decoder(channels: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in pairwise(channels):
        layers += [
            NormedBlock(before),
            nn.ConvTranspose2d(before, after, 3, 2, 1, 1),
            nn.InstanceNorm2d(after),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers[:-2])  # no normalisation and ReLU on the output image
