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
    """

    size: int
    overlap: int
    fixed: bool

    @property
    def divisible(self) -> bool:
        """Whether tiles of half the height and width are possible and not too small."""
        return not self.fixed and self.size >= 2 * SMALLEST

    def halved(self) -> "Tiling":
        """Return tiles of half the height and width."""
        return replace(self, size=self.size // 2, overlap=min(self.overlap, self.size // 4))


def apply_in_tiles(
    network: Callable[[torch.Tensor], torch.Tensor], image: torch.Tensor, tiling: Tiling
) -> torch.Tensor:
    """Return the network's output (B, K, H, W) for an image (B, C, H, W) of any height and width.

    An image that fits into one tile is processed as it is. A larger one is covered with tiles, blended in overlaps with
    weights that fall linearly towards a tile's border. Tiles and images are processed one by one, so the result of an
    image does not depend on the rest of its batch.
    """
    return torch.cat([_apply_to_one(network, single, tiling) for single in image.split(1)])


def _apply_to_one(network: Callable[[torch.Tensor], torch.Tensor], image: torch.Tensor, tiling: Tiling) -> torch.Tensor:
    height, width = image.shape[2:]
    padded = _reflect_to_tile(image, tiling.size) if tiling.fixed else image
    rows, columns = (_starts(extent, tiling) for extent in padded.shape[2:])
    top, left = ((extent - kept) // 2 for extent, kept in zip(padded.shape[2:], (height, width), strict=True))
    if len(rows) == len(columns) == 1:
        return network(_channels_last(padded))[:, :, top : top + height, left : left + width]
    total: torch.Tensor | None = None
    weight = torch.zeros_like(padded[:, :1])
    for row in rows:
        for column in columns:
            place = (..., slice(row, row + tiling.size), slice(column, column + tiling.size))
            output = network(_channels_last(padded[place]))
            window = _window(output, tiling.overlap)
            if total is None:
                total = weight.new_zeros(1, output.shape[1], *weight.shape[2:])
            total[place] += output * window
            weight[place] += window
    assert total is not None
    return (total / weight)[:, :, top : top + height, left : left + width]


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


def _starts(extent: int, tiling: Tiling) -> list[int]:
    """Return evenly spaced start positions of tiles that cover `extent` with the overlap."""
    if extent <= tiling.size:
        return [0]
    count = -(-(extent - tiling.overlap) // (tiling.size - tiling.overlap))
    return [round(i * (extent - tiling.size) / (count - 1)) for i in range(count)]


def _window(output: torch.Tensor, overlap: int) -> torch.Tensor:
    """Return the blending weights of a tile (h, w): 1 inside, falling almost to 0 over the overlap."""
    ramps = []
    for extent in output.shape[2:]:
        distance = torch.arange(extent, device=output.device, dtype=output.dtype)
        ramps.append((torch.minimum(distance, extent - 1 - distance) + 1).clamp(max=overlap) / overlap)
    return ramps[0][:, None] * ramps[1][None, :]
