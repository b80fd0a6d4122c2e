"""A U-Net that paints hidden blocks of an image from what is around them."""

import itertools
from collections.abc import Iterator

import torch

from .unet import UnetNetwork

SHIFTS = 4  # of the blocks; each pixel is predicted at 4 places of a block


class InpaintingUnet(UnetNetwork):
    """A U-Net that is given an image with hidden blocks and the mask of these, and predicts the whole image.

    Parameters
    ----------
    width
        Channels of the first level, and twice as many on each deeper one.

    Attributes
    ----------
    block
        Side of the blocks, in pixels, by which an image is predicted; a quarter of the image is hidden at a time.
    """

    block = 12

    def __init__(self, width: int = 64) -> None:
        super().__init__(width, inputs=2)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the prediction (B, 1, H, W) for an image with hidden blocks and their mask, (B, 2, H, W).

        An image alone, (B, 1, H, W), is predicted block by block, none of which has been seen: a pixel's values at
        different places of a block are averaged, with the greatest weight in the middle of the block, which is farthest
        from what was seen.
        """
        if image.shape[1] == 2:
            return super().forward(image)
        height, width = image.shape[2:]
        total, weights = torch.zeros_like(image), torch.zeros_like(image)
        for hidden, weight in _all_masks(height, width, self.block, image.device):
            made = super().forward(torch.cat([image * ~hidden, hidden.expand_as(image).to(image.dtype)], 1))
            total += weight * made
            weights += weight
        return total / weights


def hidden_blocks(
    height: int, width: int, block: int, top: int, left: int, device: torch.device | str = "cpu"
) -> torch.Tensor:
    """Return a mask (H, W) in which every second block of every second row of blocks is hidden.

    `top` and `left`, from 0 to 2 * `block` - 1, shift the blocks upwards and to the left.
    """
    rows, columns = (
        (torch.arange(extent, device=device) + shift) % (2 * block) < block
        for extent, shift in ((height, top), (width, left))
    )
    return rows[:, None] & columns


def _all_masks(
    height: int, width: int, block: int, device: torch.device | str
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield masks that hide every pixel `SHIFTS` times, and the weights of what is predicted there."""
    for shift, (down, right) in itertools.product(range(SHIFTS), itertools.product((0, block), repeat=2)):
        offset = shift * block // SHIFTS
        top, left = offset + down, (offset * 2) % block + right
        hidden = hidden_blocks(height, width, block, top, left, device)
        yield hidden, hidden * _hat(height, top, block, device)[:, None] * _hat(width, left, block, device)


def _hat(extent: int, shift: int, block: int, device: torch.device | str) -> torch.Tensor:
    """Return weights that fall linearly from the middle of each block to its border."""
    place = (torch.arange(extent, device=device) + shift) % block
    return torch.minimum(place + 1, block - place) / ((block + 1) // 2)
