"""ID-CNN (Wang, Zhang, Patel, SPL 2017): predicts the speckle and divides the image by it."""

import torch
from torch import nn

from ...pix2pix.tiles import Tiling

LEAST_SPECKLE = 1e-3  # the last ReLU may predict 0, which would be a division by zero


class IdCnnNetwork(nn.Module):
    """Convolution and ReLU; six times convolution, batch norm and ReLU; convolution and ReLU; division; tanh.

    The bias of the last convolution is initialised to 1, so that the untrained network divides by speckle of about 1.
    With a bias near 0 every pixel would be white and have no gradient. The paper does not give the initialisation.

    Parameters
    ----------
    width
        Channels; the paper has 64.
    """

    tiling = Tiling(size=1024, overlap=64, fixed=False)

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(1, width, 3, padding=1), nn.ReLU()]
        for _ in range(6):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        last = nn.Conv2d(width, 1, 3, padding=1)
        nn.init.ones_(last.bias)  # type: ignore[arg-type]
        self.layers = nn.Sequential(*layers, last, nn.ReLU())

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return tanh of the image divided by its speckle, (B, 1, H, W)."""
        speckle = self.layers(image.to(next(self.parameters()).dtype)).float()
        return (image / (speckle + LEAST_SPECKLE)).tanh()
