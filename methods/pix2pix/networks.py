"""The two networks of pix2pix: a U-Net generator for 256 x 256 images and a 70 x 70 PatchGAN discriminator.

Module names follow the layout of the reference implementation's state dicts (Isola et al., CVPR 2017), so weights
trained with it load here unchanged.
"""

from itertools import pairwise

import torch
from torch import nn

from usbench.core.errors import UsageError

DEPTH = 8  # halvings from 256 x 256 to 1 x 1
SHALLOWEST = 5  # levels; the published layout fixes the channels of so many


class SkipBlock(nn.Module):
    """One level of the U-Net: downsample, apply the inner level, upsample, and append the result to the input.

    Parameters
    ----------
    outer, inner
        Channels outside the level and inside it.
    inside
        The next deeper level; None at the innermost.
    image_channels
        Channels of the input and output image, at the outermost level only.
    dropout
        Whether half of the outgoing features are dropped in training mode.
    """

    def __init__(
        self,
        outer: int,
        inner: int,
        inside: nn.Module | None = None,
        image_channels: int | None = None,
        dropout: bool = False,
    ) -> None:
        super().__init__()
        self.outermost = image_channels is not None
        down = nn.Conv2d(image_channels or outer, inner, 4, stride=2, padding=1, bias=False)
        up_channels = inner if inside is None else 2 * inner
        if self.outermost:
            up = nn.ConvTranspose2d(up_channels, outer, 4, stride=2, padding=1)
            layers: list[nn.Module | None] = [down, inside, nn.ReLU(), up, nn.Tanh()]
        else:
            up = nn.ConvTranspose2d(up_channels, outer, 4, stride=2, padding=1, bias=False)
            norm = None if inside is None else nn.BatchNorm2d(inner)
            layers = [nn.LeakyReLU(0.2), down, norm, inside, nn.ReLU(), up, nn.BatchNorm2d(outer)]
            layers += [nn.Dropout(0.5)] if dropout else []
        self.model = nn.Sequential(*(layer for layer in layers if layer is not None))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return the input features followed by the level's own; at the outermost level, the image alone."""
        result = self.model(features)
        return result if self.outermost else torch.cat([features, result], dim=1)


class UnetGenerator(nn.Module):
    """The `unet_256` generator: one channel in [-1, 1] in and out, height and width multiples of 256.

    Parameters
    ----------
    width
        Channels of the outermost level (`ngf`; 64 in the paper).
    depth
        Number of halvings, 5 or more; 8 in `unet_256`, 7 in `unet_128`. Height and width must be multiples of 2^depth.
    dropout
        Whether the three inner levels of `8 width` channels drop features in training mode.
    """

    def __init__(self, width: int = 64, dropout: bool = True, depth: int = DEPTH) -> None:
        super().__init__()
        if depth < SHALLOWEST:
            raise UsageError(f"A U-Net of {depth} halvings is too shallow; expected {SHALLOWEST} or more.")
        block = SkipBlock(8 * width, 8 * width)
        for _ in range(depth - SHALLOWEST):
            block = SkipBlock(8 * width, 8 * width, block, dropout=dropout)
        for factor in (4, 2, 1):
            block = SkipBlock(factor * width, 2 * factor * width, block)
        self.model = SkipBlock(1, width, block, image_channels=1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the generated image, (B, 1, H, W) in [-1, 1]."""
        return self.model(image)


class PatchDiscriminator(nn.Module):
    """The 70 x 70 PatchGAN: a logit for each overlapping 70 x 70 patch of an (input, output) pair.

    Parameters
    ----------
    width
        Channels of the first layer (`ndf`; 64 in the paper).
    depth
        Strided convolutions; with 3 the patches have 70 pixels, with 2 34, and with 4 142.
    """

    def __init__(self, width: int = 64, depth: int = 3) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(2, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        channels = [width * min(2**level, 8) for level in range(depth + 1)]
        for level, (outer, inner) in enumerate(pairwise(channels), start=1):
            layers += [
                nn.Conv2d(outer, inner, 4, stride=2 if level < depth else 1, padding=1, bias=False),
                nn.BatchNorm2d(inner),
                nn.LeakyReLU(0.2),
            ]
        layers.append(nn.Conv2d(channels[-1], 1, 4, padding=1))
        self.model = nn.Sequential(*layers)

    def forward(self, pair: torch.Tensor) -> torch.Tensor:
        """Return patch logits (B, 1, h, w) of a pair (B, 2, H, W); high means real."""
        return self.model(pair)


def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Draw weights from N(0, 0.02), and batch norm gains from N(1, 0.02), as pix2pix does; biases are 0."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.02, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02, generator=generator)
            nn.init.zeros_(module.bias)
