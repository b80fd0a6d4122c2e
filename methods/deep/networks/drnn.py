"""A plain residual network: our reading of the despeckling residual neural network (Mishra et al., 2018)."""

import torch
from torch import nn
from torch.nn.functional import relu

from ...pix2pix.tiles import Tiling


class PlainBlock(nn.Module):
    """Two 3 x 3 convolutions with ReLU between them, added to the input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.before = nn.Conv2d(channels, channels, 3, padding=1)
        self.after = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        return features + self.after(relu(self.before(features)))


class DrnnNetwork(nn.Module):
    """Convolution and ReLU, residual blocks, convolution; the output is added to the image.

    The last convolution is initialised to zero, so training starts from the speckled image, whose structure is to be
    kept. There is no normalisation, so that tiles of an image agree.

    Parameters
    ----------
    width
        Channels.
    blocks
        Residual blocks; the receptive field is 4 `blocks` + 5 pixels in height and width.
    """

    tiling = Tiling(size=1024, overlap=64, fixed=False)

    def __init__(self, width: int = 24, blocks: int = 6) -> None:
        super().__init__()
        self.head = nn.Conv2d(1, width, 3, padding=1)
        self.blocks = nn.Sequential(*(PlainBlock(width) for _ in range(blocks)))
        self.tail = nn.Conv2d(width, 1, 3, padding=1)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)  # type: ignore[arg-type]

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the restored image, (B, 1, H, W)."""
        features = relu(self.head(image.to(self.head.weight.dtype)))
        return image + self.tail(self.blocks(features)).float()
