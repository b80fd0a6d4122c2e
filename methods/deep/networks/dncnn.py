"""DnCNN (Zhang et al., TIP 2017): a plain chain of convolutions that predicts the noise."""

import torch
from torch import nn

from ...pix2pix.tiles import Tiling


class DnCnnNetwork(nn.Module):
    """Convolution and ReLU; `depth - 2` times convolution, batch norm and ReLU; a convolution. All are 3 x 3.

    Parameters
    ----------
    depth
        Number of convolutions; the receptive field is `2 depth + 1` pixels in height and width.
    width
        Channels.
    """

    tiling = Tiling(size=1024, overlap=64, fixed=False)

    def __init__(self, depth: int = 17, width: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(1, width, 3, padding=1), nn.ReLU()]
        for _ in range(depth - 2):
            layers += [nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Conv2d(width, 1, 3, padding=1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the image minus the predicted noise, (B, 1, H, W)."""
        return image - self.layers(image.to(next(self.parameters()).dtype)).float()
