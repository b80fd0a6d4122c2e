"""Tiling: any size, no seams, and nothing changes where a tile is enough."""

import pytest
import torch
from usbench.methods.pix2pix.tiles import OVERLAP, SIZE, apply_in_tiles


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2), (17, 33), (256, 256), (257, 256), (300, 451), (700, 513)])
def test_a_pointwise_network_is_applied_exactly(shape):
    image = torch.rand(2, 1, *shape, dtype=torch.float64)
    assert torch.allclose(apply_in_tiles(lambda tile: 2 * tile + 1, image), 2 * image + 1)


def test_every_tile_is_256_square():
    seen = set()

    def network(tile):
        seen.add(tuple(tile.shape[1:]))
        return tile

    apply_in_tiles(network, torch.rand(1, 1, 400, 90))
    assert seen == {(1, SIZE, SIZE)}


def test_one_tile_is_not_blended():
    image = torch.rand(1, 1, 256, 256)
    assert torch.allclose(apply_in_tiles(lambda tile: tile.flip(2), image), image.flip(2))


def test_there_is_no_seam_between_tiles_that_disagree():
    calls = iter(range(100))

    def network(tiles):
        return torch.stack([torch.full_like(tile, next(calls)) for tile in tiles])

    output = apply_in_tiles(network, torch.rand(1, 1, 256, 448))
    steps = output[0, 0, 0].diff().abs()
    assert output[0, 0, 0, 0] == 0
    assert output[0, 0, 0, -1] == 1
    assert steps.max() < 2 / OVERLAP


def test_small_images_are_continued_by_reflection():
    seen = []
    image = torch.arange(200.0)[None, None, None, :].expand(1, 1, 256, 200)
    apply_in_tiles(lambda tile: seen.append(tile) or tile, image)
    row = seen[0][0, 0, 0]
    assert row[28] == 0
    assert row[27] == row[29] == 1
    assert row[228] == 198
