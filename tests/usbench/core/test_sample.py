"""Samples refuse what is not an image in [0, 1]."""

import numpy as np
import pytest

from usbench.core.errors import ImageError
from usbench.core.sample import Rois, Sample
from usbench.io.sample_metadata import truth_hash

GOOD = np.full((4, 5), 0.5, np.float32)


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (np.zeros((4, 5, 3)), "2-D grey image"),
        (np.zeros((0, 5)), "empty"),
        (np.full((4, 5), np.nan), "not finite"),
        (np.full((4, 5), 255.0), r"spans \[255, 255\]"),
        (np.full((4, 5), -0.1), "where \\[0, 1\\] is expected"),
    ],
)
def test_bad_images_are_named(image, reason):
    with pytest.raises(ImageError, match=f"(?s)'s1'.*{reason}|{reason}.*'s1'"):
        Sample("s1", image)


def test_masks_and_references_must_fit():
    with pytest.raises(ImageError, match="mask 'cyst'.*3 x 3 where the image is 4 x 5"):
        Sample("s1", GOOD, rois=Rois({"cyst": np.ones((3, 3), bool)}))
    with pytest.raises(ImageError, match="reference.*5 x 4 where"):
        Sample("s1", GOOD, reference=GOOD.T)


def test_the_hash_is_of_shape_and_pixels():
    first = Sample("a", GOOD).input_hash
    assert first == Sample("b", GOOD.astype(np.float64)).input_hash
    assert first != Sample("a", GOOD.T.copy()).input_hash
    changed = GOOD.copy()
    changed[0, 0] += 1e-6
    assert first != Sample("a", changed).input_hash


def test_a_sample_without_group_is_its_own():
    assert Sample("a", GOOD).group == "a"


def test_regions_within_a_scan():
    scan = np.zeros((20, 20), bool)
    scan[:, :10] = True
    masks = {name: np.zeros((20, 20), bool) for name in ("inside", "edge", "half", "outside")}
    masks["inside"][2:6, 2:6] = True
    masks["edge"][0:19, 0:11] = True  # one column of eleven is outside
    masks["half"][2:6, 8:12] = True
    masks["outside"][2:6, 12:16] = True
    rois = Rois(masks, (("inside", "edge"), ("inside", "half")), ("edge", "outside"), ((3, 3), (3, 15)))
    kept = rois.within(scan)
    assert set(kept.masks) == {"inside", "edge"}
    assert np.array_equal(kept.masks["edge"], masks["edge"] & scan)
    assert (kept.contrast, kept.homogeneous, kept.points) == ((("inside", "edge"),), ("edge",), ((3, 3),))


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({}, False),
        ({"image": np.full((4, 5), 0.7, np.float32)}, False),
        ({"reference": np.full((4, 5), 0.25, np.float32)}, True),
        ({"reference": None}, True),
        (
            {"rois": Rois({"cyst": np.eye(4, 5, dtype=bool), "tissue": np.ones((4, 5), bool)}, (("cyst", "tissue"),))},
            True,
        ),
        ({"rois": Rois({"cyst": np.ones((4, 5), bool), "tissue": np.ones((4, 5), bool)})}, True),
        ({"dynamic_range_db": 50.0}, True),
        ({"group": "patient 2"}, True),
    ],
)
def test_the_hash_of_the_truth_is_over_all_that_a_result_is_judged_by(change, differs):
    masks = {"cyst": np.ones((4, 5), bool), "tissue": np.ones((4, 5), bool)}
    known = {"image": GOOD, "reference": GOOD, "rois": Rois(masks, (("cyst", "tissue"),)), "dynamic_range_db": 60.0}
    assert (truth_hash(Sample("s1", **known)) != truth_hash(Sample("s1", **(known | change)))) is differs
