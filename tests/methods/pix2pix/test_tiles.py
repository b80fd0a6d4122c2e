"""Tiling: any size, no seams, and no change for images that fit into one tile."""

import pytest
import torch
from usbench.methods.pix2pix.residual_unet import ResidualUnet
from usbench.methods.pix2pix.tiles import Tiling, apply_in_tiles

FIXED = Tiling(size=256, overlap=64, fixed=True)
FREE = Tiling(size=256, overlap=64, fixed=False)


@pytest.mark.parametrize("tiling", [FIXED, FREE])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2), (17, 33), (256, 256), (257, 256), (300, 451), (700, 513)])
def test_a_pointwise_network_is_applied_exactly(shape, tiling):
    image = torch.rand(2, 1, *shape, dtype=torch.float64)
    assert torch.allclose(apply_in_tiles(lambda tile: 2 * tile + 1, image, tiling), 2 * image + 1)


@pytest.mark.parametrize(("tiling", "sizes"), [(FIXED, {(256, 256)}), (FREE, {(256, 90), (208, 90)})])
def test_tiles_have_the_size_that_the_network_takes(tiling, sizes):
    seen = set()

    def network(tile):
        seen.add(tuple(tile.shape[2:]))
        return tile

    apply_in_tiles(network, torch.rand(1, 1, 400, 90), tiling)
    assert seen == sizes


@pytest.mark.parametrize("tiling", [FIXED, FREE])
def test_one_tile_is_not_blended(tiling):
    image = torch.rand(1, 1, 256, 256)
    assert torch.allclose(apply_in_tiles(lambda tile: tile.flip(2), image, tiling), image.flip(2))


def test_there_is_no_seam_between_tiles_that_disagree():
    calls = iter(range(100))
    output = apply_in_tiles(lambda tile: torch.full_like(tile, next(calls)), torch.rand(1, 1, 256, 448), FIXED)
    steps = output[0, 0, 0].diff().abs()
    assert output[0, 0, 0, 0] == 0
    assert output[0, 0, 0, -1] == 1
    assert steps.max() < 2 / FIXED.overlap


def test_small_images_are_continued_by_reflection():
    seen = []
    image = torch.arange(200.0)[None, None, None, :].expand(1, 1, 256, 200)
    apply_in_tiles(lambda tile: seen.append(tile) or tile, image, FIXED)
    row = seen[0][0, 0, 0]
    assert row[28] == 0
    assert row[27] == row[29] == 1
    assert row[228] == 198


def test_only_one_tile_is_held_at_a_time():
    """Memory stays bounded: the network never sees more than one tile of one image."""
    largest = 0

    def network(tile):
        nonlocal largest
        largest = max(largest, tile.numel())
        return tile

    apply_in_tiles(network, torch.rand(2, 1, 1500, 1100), FREE)
    assert largest <= 256 * 256


@pytest.mark.parametrize("side", [1400, 2048, 3000, 5000])
def test_tiles_of_gan_d_repeat_little(side):
    pixels = 0

    def network(tile):
        nonlocal pixels
        pixels += tile.numel()
        return tile

    apply_in_tiles(network, torch.rand(1, 1, side, side), ResidualUnet.tiling)
    assert pixels <= 1.15 * side * side
