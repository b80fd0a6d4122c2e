"""Sets drawn from seeds: disjoint splits, exact ground truth, and regions with the stated content."""

import numpy as np
import pytest
from usbench.datasets.generated import SEEDS

import usbench
from usbench.core.errors import UsageError

PHANTOMS = ["contrast-speckle", "resolution", "carotid", "carotid[view=cross]", "fetal-head", "muscle"]


SPACINGS = dict(zip(PHANTOMS, (0.15, 0.15, 0.12, 0.12, 0.5, 0.15), strict=True))


@pytest.fixture(scope="module", params=PHANTOMS)
def phantom(request):
    return request.param, list(usbench.load_dataset(request.param, count=6))


def test_splits_share_no_seed():
    assert not set(SEEDS["train"]) & set(SEEDS["val"])
    assert not (set(SEEDS["train"]) | set(SEEDS["val"])) & set(SEEDS["test"])
    ids = [set(usbench.load_dataset("muscle", split=split, count=10_000).ids()) for split in SEEDS]
    assert [len(one) for one in ids] == [10_000] * 3
    assert len(set.union(*ids)) == 30_000
    with pytest.raises(UsageError, match="10000"):
        usbench.load_dataset("muscle", count=10_001)


def test_a_sample_depends_on_its_seed_alone(phantom):
    name, samples = phantom
    assert usbench.load_dataset(name, count=99)[2].input_hash == samples[2].input_hash
    assert len({sample.input_hash for sample in samples}) == len(samples)
    assert usbench.load_dataset(name, split="train", count=1)[0].input_hash != samples[0].input_hash


def test_the_clean_image_is_its_own_reference_over_60_db(phantom):
    name, samples = phantom
    for sample in samples:
        assert np.array_equal(sample.image, sample.reference)
        assert sample.dynamic_range_db == 60
        assert sample.spacing == (SPACINGS[name], SPACINGS[name])


def test_every_region_has_room_and_pairs_do_not_touch(phantom):
    for sample in phantom[1]:
        assert min(mask.sum() for mask in sample.rois.masks.values()) >= 80
        for target, background in sample.rois.contrast:
            assert not (sample.rois.masks[target] & sample.rois.masks[background]).any()
        named = {name for pair in sample.rois.contrast for name in pair} | set(sample.rois.homogeneous)
        assert named <= set(sample.rois.masks)


def test_homogeneous_regions_are_of_one_grey(phantom):
    for sample in phantom[1]:
        assert sample.rois.homogeneous
        for name in sample.rois.homogeneous:
            assert np.ptp(sample.image[sample.rois.masks[name]]) == 0


def test_speckle_in_homogeneous_regions_is_fully_developed(phantom):
    # on the envelope, mean over standard deviation is 1.914; a region of n grains tells it to about 1 / sqrt(n)
    name, _ = phantom
    pure = "+psf[clutter_db=-200,noise_db=-200,bits=0]"
    sample = usbench.load_dataset(f"{name}{pure}", count=1)[0]
    values = np.concatenate([sample.image[sample.rois.masks[roi]] for roi in sample.rois.homogeneous])
    levels = np.concatenate([sample.reference[sample.rois.masks[roi]] for roi in sample.rois.homogeneous])
    envelope = 10 ** (3 * (values - levels))
    assert envelope.mean() / envelope.std() == pytest.approx(1.914, rel=0.07)
