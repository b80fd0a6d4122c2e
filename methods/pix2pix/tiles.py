"""Applying a network for 256 x 256 images to an image of any size."""

from collections.abc import Callable

import torch

SIZE = 256
OVERLAP = 64
BATCH = 8


def apply_in_tiles(network: Callable[[torch.Tensor], torch.Tensor], image: torch.Tensor) -> torch.Tensor:
    """Return the network's output for an image (B, 1, H, W) of any height and width.

    The image is covered with 256 x 256 tiles that overlap by 64 pixels or more and is continued by reflection where it
    is smaller than a tile; in overlaps the outputs are blended with weights that fall linearly to the tile's border.
    """
    batch, _, height, width = image.shape
    padded = _reflect_to_tile(image)
    rows, columns = (_starts(extent) for extent in padded.shape[2:])
    total = torch.zeros_like(padded)
    weight = torch.zeros_like(padded[:1])
    window = _window(padded)
    corners = [(row, column) for row in rows for column in columns]
    tiles = [padded[:, :, row : row + SIZE, column : column + SIZE] for row, column in corners]
    stacked = torch.cat(tiles).contiguous(memory_format=torch.channels_last)
    outputs = torch.cat([network(part) for part in stacked.split(BATCH)]).split(batch)
    for (row, column), output in zip(corners, outputs, strict=True):
        total[:, :, row : row + SIZE, column : column + SIZE] += output * window
        weight[:, :, row : row + SIZE, column : column + SIZE] += window
    top, left = ((extent - kept) // 2 for extent, kept in zip(padded.shape[2:], (height, width), strict=True))
    return (total / weight)[:, :, top : top + height, left : left + width]


def _reflect_to_tile(image: torch.Tensor) -> torch.Tensor:
    """Continue the image on all sides by reflection until no side is shorter than a tile."""
    for axis in (2, 3):
        extent = image.shape[axis]
        if extent < SIZE:
            image = image.index_select(axis, _reflected(extent).to(image.device))
    return image


def _reflected(extent: int) -> torch.Tensor:
    """Return for each of 256 positions the one of `extent` that it mirrors, with the original in the middle."""
    position = torch.arange(SIZE) - (SIZE - extent) // 2
    period = max(1, 2 * (extent - 1))
    folded = position % period
    return torch.minimum(folded, period - folded) if extent > 1 else torch.zeros_like(position)


def _starts(extent: int) -> list[int]:
    """Return evenly spaced tile positions that cover `extent` with the overlap."""
    count = 1 if extent <= SIZE else -(-(extent - OVERLAP) // (SIZE - OVERLAP))
    return [round(i * (extent - SIZE) / max(1, count - 1)) for i in range(count)]


def _window(like: torch.Tensor) -> torch.Tensor:
    """Return the blending weight of a tile, (256, 256): 1 inside, falling to near 0 over the overlap."""
    distance = torch.arange(SIZE, device=like.device, dtype=like.dtype)
    ramp = (torch.minimum(distance, SIZE - 1 - distance) + 1).clamp(max=OVERLAP) / OVERLAP
    return ramp[:, None] * ramp[None, :]
