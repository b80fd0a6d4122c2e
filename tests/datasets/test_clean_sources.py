"""Clean sources: their content, and that splits are disjoint."""

import numpy as np
import pytest
from usbench.datasets.mri import SLICES
from usbench.datasets.natural import HEIGHT_WIDTH, SPLITS, grey_picture
from usbench.datasets.phantom import BACKGROUND, CONTRASTS

import usbench


def test_shapes_follow_the_recpad_protocol():
    sample = usbench.load_dataset("shapes[count=2]")[1]
    grey = np.round(255 * sample.image)
    assert sample.image.shape == (256, 256)
    assert grey.min() == 5
    assert np.allclose(255 * sample.image, grey, atol=1e-4)
    assert (grey == 5).mean() > 0.1  # black background, lifted
    assert len(np.unique(grey)) > 40


def test_shapes_of_different_splits_differ_and_repeat():
    train, test = (usbench.load_dataset("shapes", split=split, count=3) for split in ("train", "test"))
    assert not set(train.ids()) & set(test.ids())
    assert train[0].input_hash != test[0].input_hash
    assert train[2].input_hash == usbench.load_dataset("shapes", split="train", count=99)[2].input_hash


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


def test_mri_splits_are_three_slices_apart():
    for first, second in (("train", "val"), ("train", "test"), ("val", "test")):
        assert min(abs(a - b) for a in SLICES[first] for b in SLICES[second]) >= 3


def test_mri_slices_are_noise_free_with_sharp_tissue():
    dataset = usbench.load_dataset("mri", template=1, redrawn=4)
    assert [name.split("-")[0] for name in dataset.ids()] == ["template"] + 4 * ["redrawn"]
    for sample in list(dataset)[1:]:
        gradient = np.hypot(*np.gradient(sample.image.astype(float)))
        inside = sample.image > 0.08
        assert inside.mean() > 0.1
        # flat tissue with sharp borders: the median gradient is far below the steepest
        assert np.median(gradient[inside]) < 0.1 * np.quantile(gradient, 0.995)


def test_mri_redrawn_slices_vary_in_contrast():
    dataset = usbench.load_dataset("mri", template=0, redrawn=8)
    means = [sample.image[sample.image > 0.08].mean() for sample in dataset]
    assert np.std(means) > 0.05


def test_phantom_rois_are_exact():
    for sample in usbench.load_dataset("phantom[count=3]"):
        assert len(sample.rois.contrast) == 6
        anechoic = 0
        for target, background in sample.rois.contrast:
            inside = sample.image[sample.rois.masks[target]]
            outside = sample.image[sample.rois.masks[background]]
            assert np.ptp(inside) == 0
            assert np.ptp(outside) == 0
            assert outside[0] == pytest.approx(BACKGROUND)
            assert min(abs(inside[0] - outside[0] - contrast) for contrast in CONTRASTS) < 1e-6
            anechoic += inside[0] == 0
            assert not (sample.rois.masks[target] & sample.rois.masks[background]).any()
        assert anechoic >= 1
