"""The network of ZS-N2N (Mansour and Heckel, CVPR 2023): three convolutions."""

import torch
from torch import nn

SLOPE = 0.2


class SmallNetwork(nn.Module):
    """Two 3 x 3 convolutions with leaky ReLU and one 1 x 1 convolution, which predict the noise.

    Parameters
    ----------
    width
        Channels; the paper has 48.
    channels
        Channels of the image.
    """

    def __init__(self, width: int = 48, channels: int = 1) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, width, 3, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(width, width, 3, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(width, channels, 1),
        )

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the image minus the predicted noise, (B, 1, H, W)."""
        return image - self.layers(image)
