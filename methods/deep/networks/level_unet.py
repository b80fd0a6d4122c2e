"""The residual U-Net of `gan-d`, conditioned on the noise level: the network of `ir-sde`."""

import torch
from torch import nn

from ...pix2pix.residual_unet import ResidualUnet


class LevelUnet(ResidualUnet):
    """Predicts the clean image from a noisy state, the speckled image and the noise level, (B, 3, H, W).

    The third channel holds the noise level at every pixel, as in FFDNet (Zhang, Zuo, Zhang, IEEE Trans. Image Process.
    27(9):4608-4622, 2018); the channel attention passes it to every block. The output is added to a mixture of state
    and speckled image, which has more of the state the less noise there is.
    """

    def __init__(self, width: int = 32, blocks: int = 1) -> None:
        super().__init__(width, blocks)
        self.head = nn.Conv2d(12, width, 3, padding=1)

    def forward(self, stack: torch.Tensor) -> torch.Tensor:
        """Return the expected clean image, (B, 1, H, W)."""
        state, image, level = stack.split(1, 1)
        return super().forward(stack)[:, :1] + level * (image - state)
