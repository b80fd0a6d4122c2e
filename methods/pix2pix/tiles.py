"""Apply a network to an image of any size in tiles, in bounded memory."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

SMALLEST = 128  # pixels


@dataclass(frozen=True)
class Tiling:
    """How an image is cut into tiles for a network.

    Attributes
    ----------
    size
        Height and width of the largest tile in pixels.
    overlap
        Minimum overlap of neighbouring tiles in pixels.
    fixed
        Whether all tiles must have exactly that size; smaller images are then padded by reflection.
    step
        Tiles that are not fixed start at multiples of it in pixels, where the levels of a U-Net have the grid that they
        have in the whole image.
    """

    size: int
    overlap: int
    fixed: bool
    step: int = 32

    @property
    def divisible(self) -> bool:
        """Whether tiles of half the height and width are possible and not too small."""
        return not self.fixed and self.size >= 2 * SMALLEST

    def halved(self) -> "Tiling":
        """Return tiles of half the height and width, which overlap more, since each sees less of the image."""
        return replace(
            self, size=self.size // 2, overlap=min(2 * self.overlap, self.size // 4 // self.step * self.step)
        )


def apply_in_tiles(
    network: Callable[[torch.Tensor], torch.Tensor], image: torch.Tensor, tiling: Tiling
) -> torch.Tensor:
    """Return the network's output (B, K, H, W) for an image (B, C, H, W) of any height and width.

    An image that fits into one tile is processed as it is. A larger one is covered with tiles, blended in overlaps with
    weights that fall linearly towards a tile's border. Tiles and images are processed one by one, so the result of an
    image does not depend on the rest of its batch.
    """
    made = [_apply_to_one(network, single, tiling) for single in image.split(1)]
    return made[0] if len(made) == 1 else torch.cat(made)


def _apply_to_one(network: Callable[[torch.Tensor], torch.Tensor], image: torch.Tensor, tiling: Tiling) -> torch.Tensor:
    height, width = image.shape[2:]
    padded = _reflect_to_tile(image, tiling.size) if tiling.fixed else image
    (tile_rows, rows), (tile_columns, columns) = (_cover(extent, tiling) for extent in padded.shape[2:])
    top, left = ((extent - kept) // 2 for extent, kept in zip(padded.shape[2:], (height, width), strict=True))
    if len(rows) == len(columns) == 1:
        return network(_channels_last(padded))[:, :, top : top + height, left : left + width]
    total: torch.Tensor | None = None
    for row in rows:
        for column in columns:
            place = (..., slice(row, row + tile_rows), slice(column, column + tile_columns))
            output = network(_channels_last(padded[place]))
            if total is None:
                total = output.new_zeros(1, output.shape[1], *padded.shape[2:])
            down, across = (_ramp(extent, tiling.overlap, output) for extent in output.shape[2:])
            total[place] += output * down[:, None] * across
    assert total is not None
    total /= _sum_of_ramps(tile_rows, rows, tiling.overlap, padded[0, 0, :, 0])[:, None]
    total /= _sum_of_ramps(tile_columns, columns, tiling.overlap, padded[0, 0, 0])
    return total[:, :, top : top + height, left : left + width]


def _channels_last(image: torch.Tensor) -> torch.Tensor:
    return image.contiguous(memory_format=torch.channels_last)


def _reflect_to_tile(image: torch.Tensor, size: int) -> torch.Tensor:
    """Pad the image on all sides by reflection until no side is shorter than a tile."""
    for axis in (2, 3):
        extent = image.shape[axis]
        if extent < size:
            image = image.index_select(axis, reflected(extent, size).to(image.device))
    return image


def reflected(extent: int, size: int) -> torch.Tensor:
    """Return the source index of each of `size` positions on an axis of `extent` padded on both sides by mirroring."""
    position = torch.arange(size) - (size - extent) // 2
    period = max(1, 2 * (extent - 1))
    folded = position % period
    return torch.minimum(folded, period - folded) if extent > 1 else torch.zeros_like(position)


def _cover(extent: int, tiling: Tiling) -> tuple[int, list[int]]:
    """Return the extent of the tiles that cover an axis with the overlap, and where they start.

    There are as few as possible, and no larger than needed. The last one may reach beyond the end.
    """
    if extent <= tiling.size:
        return extent, [0]
    count = -(-(extent - tiling.overlap) // (tiling.size - tiling.overlap))
    if tiling.fixed:
        return tiling.size, [round(i * (extent - tiling.size) / (count - 1)) for i in range(count)]
    stride = -(-(extent - tiling.overlap) // (count * tiling.step)) * tiling.step
    return stride + tiling.overlap, [i * stride for i in range(count) if i == 0 or i * stride + tiling.overlap < extent]


def _ramp(extent: int, overlap: int, like: torch.Tensor) -> torch.Tensor:
    """Return the blending weights of a tile along one axis: 1 inside, falling almost to 0 over the overlap."""
    distance = torch.arange(extent, device=like.device, dtype=like.dtype)
    return (torch.minimum(distance, extent - 1 - distance) + 1).clamp(max=overlap) / overlap


def _sum_of_ramps(tile: int, starts: list[int], overlap: int, like: torch.Tensor) -> torch.Tensor:
    """Return the sum of the weights of all tiles along an axis, of the length of `like`."""
    total = torch.zeros_like(like)
    for start in starts:
        part = total[start : start + tile]
        part += _ramp(len(part), overlap, like)
    return total
