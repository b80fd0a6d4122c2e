"""Natural pictures: sizes, tiles, and splits that are disjoint."""

import numpy as np
import pytest
from usbench.datasets.natural import HEIGHT_WIDTH, SPLITS, grey_picture

import usbench


def test_natural_splits_share_no_picture():
    names = [name for split in SPLITS.values() for name in split]
    assert len(names) == len(set(names))
    assert {f"{s}" for s in HEIGHT_WIDTH} == set(names)


@pytest.mark.parametrize("name", sorted(HEIGHT_WIDTH))
def test_natural_pictures_have_the_stated_size(name):
    assert grey_picture(name).shape == HEIGHT_WIDTH[name]


def test_natural_tiles_are_pieces_of_the_picture_without_overlap():
    dataset = usbench.load_dataset("natural")
    tiles = {sample.id: sample for sample in dataset}
    camera = grey_picture("camera")
    assert np.array_equal(tiles["camera-1-0"].image, camera[256:, :256])
    assert np.array_equal(tiles["coins-0-0"].image, grey_picture("coins")[23:279, 64:320])
    assert {sample.group for sample in tiles.values()} == set(SPLITS["test"])
