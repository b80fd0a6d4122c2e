"""Phantoms drawn from seeds: exact ground truth, disjoint splits, and regions with the stated content."""

import numpy as np
import pytest
from usbench.datasets.contrast_speckle import BACKGROUND, CONTRASTS_DB
from usbench.datasets.drawing import Plane, grain, inset, ring, smooth_field
from usbench.datasets.generated import SEEDS

import usbench
from usbench.core.errors import UsageError
from usbench.metrics.resolution import wire_axial, wire_lateral

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


def test_cysts_have_the_declared_contrast_in_db():
    for sample in usbench.load_dataset("contrast-speckle", count=4):
        found = []
        for target, background in sample.rois.contrast:
            contrast, row, _ = target.split("_")
            inside, outside = (sample.image[sample.rois.masks[name]] for name in (target, background))
            assert np.ptp(inside) == 0
            assert outside[0] == pytest.approx(BACKGROUND)
            assert 60 * (inside[0] - outside[0]) == pytest.approx(CONTRASTS_DB[contrast], abs=1e-4)
            found.append((row, contrast))
        assert {(row, contrast) for row in "012" for contrast in CONTRASTS_DB} == set(found)
        assert len(found) == 15


def test_cysts_keep_their_contrast_under_speckle():
    measured: dict[str, list[float]] = {}
    for sample in usbench.load_dataset("contrast-speckle[count=6]+psf[clutter_db=-60]"):
        for target, background in sample.rois.contrast:
            inside, outside = (sample.image[sample.rois.masks[name]].mean() for name in (target, background))
            measured.setdefault(target.split("_")[0], []).append(60 * (inside - outside))
    for name in ("m6db", "m3db", "p3db", "p6db"):
        assert np.mean(measured[name]) == pytest.approx(CONTRASTS_DB[name], abs=0.5)
    assert np.mean(measured["anechoic"]) < -30


def test_fewer_columns_still_have_all_contrasts():
    sample = usbench.load_dataset("contrast-speckle[rows=2,columns=3,pixel=0.0625]", count=1)[0]
    assert {target.split("_")[0] for target, _ in sample.rois.contrast} == set(CONTRASTS_DB)


def test_wires_are_single_white_pixels_with_room_for_their_profiles():
    for sample in usbench.load_dataset("resolution", count=4):
        points = np.array(sample.rois.points)
        assert len(points) == 20
        assert (sample.image[tuple(points.T)] == 1).all()
        assert (sample.image == 1).sum() == len(points)
        apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) + 1e9 * np.eye(len(points))
        assert apart.min() > 20
        assert points.min() >= 12
        assert points.max() < 256 - 12


def test_wires_are_as_wide_as_the_point_spread_function():
    sample = usbench.load_dataset("resolution[count=1]+psf[axial=1.2,lateral=2,bits=0]")[0]
    widths = np.array(
        [[measure(sample.image, point, 60.0) for measure in (wire_axial, wire_lateral)] for point in sample.rois.points]
    )
    assert np.median(widths, axis=0) == pytest.approx(2.351 * np.array([1.2, 2.0]), rel=0.08)


def test_the_lumen_is_anechoic_and_the_wall_has_three_layers():
    for sample in usbench.load_dataset("carotid", count=5):
        lumen = sample.rois.masks["lumen"]
        assert not sample.image[lumen].any()
        column = sample.image[:, 20]
        near = column[: int(np.flatnonzero(lumen[:, 20])[0])][::-1]
        wall = near[np.flatnonzero(near > 0)[0] :][:20]
        intima, adventitia = wall[:3].max(), wall[3:].max()
        assert wall[2:8].min() < min(intima, adventitia) - 0.2


def test_the_heads_size_is_that_of_the_third_trimester():
    for sample in usbench.load_dataset("fetal-head", count=5):
        bright = sample.image > 0.9
        rows, columns = np.nonzero(bright)
        assert 60 < np.ptp(rows) * 0.5 < 105
        assert np.ptp(columns) * 0.5 > 30


def test_nothing_returns_from_behind_bone():
    for sample in usbench.load_dataset("muscle", count=5):
        assert not sample.image[sample.rois.masks["behind_bone"]].any()
        assert (sample.image[sample.rois.masks["aponeurosis"]] > 0.85).all()


def test_drawing_is_in_mm_and_regions_follow_a_deformation():
    plane = Plane.drawn((80, 120), 0.25, np.random.default_rng(0))
    assert plane.size == (20.0, 30.0)
    assert plane.distance(10.0, 0.0).min() < 0.2
    disc = plane.distance(10.0, 0.0) < 5
    assert disc.sum() * 0.25**2 == pytest.approx(np.pi * 25, rel=0.02)
    assert inset(disc, 4).sum() * 0.25**2 == pytest.approx(np.pi * 16, rel=0.05)
    assert ring(disc, 4, 8).sum() * 0.25**2 == pytest.approx(np.pi * (49 - 36), rel=0.05)
    bent = Plane.drawn((80, 120), 0.25, np.random.default_rng(0), deformation=0.5)
    assert 0.1 < np.abs(bent.depth - plane.depth).mean() < 1.5
    ellipse = plane.radius_in((10.0, 0.0), (3.0, 6.0), np.pi / 2)
    assert ellipse[int(10 / 0.25), 60 + 12] == pytest.approx(1.0, abs=0.1)  # turned: 3 mm across


def test_texture_is_oriented():
    texture = grain(np.random.default_rng(0), (128, 128), 1.0, 8.0, np.deg2rad(20))
    assert texture.mean() == pytest.approx(0, abs=1e-9)
    assert texture.std() == pytest.approx(1)
    along = np.corrcoef(texture[:-4, :-11].ravel(), texture[4:, 11:].ravel())[0, 1]  # falls by 20 degrees to the right
    against = np.corrcoef(texture[4:, :-11].ravel(), texture[:-4, 11:].ravel())[0, 1]
    assert along > 0.5 > against + 0.3
    assert smooth_field(np.random.default_rng(0), (40, 50), 4, 1.0, mean=3.0).shape == (40, 50)
