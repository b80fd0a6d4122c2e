"""Where lesions are put, and how exactly they are known."""

import numpy as np
import pytest

import usbench
from usbench.core.errors import UsageError
from usbench.core.lesions import CONTRASTS_DB, SIZES

SETS = ["phantom[count=3]+psf+lesions", "abdomen[count=3]+psf[axial=3,lateral=6]+lesions", "echo+lesions"]


@pytest.fixture(scope="module", params=SETS)
def samples(request):
    return [usbench.load_dataset(request.param)[index] for index in range(3)]


def test_the_change_is_what_the_lesions_say(samples):
    for sample in samples:
        lesions = sample.lesions
        expected = np.zeros(sample.image.shape)
        for lesion in lesions.lesions:
            offset = lesion.contrast_db / lesions.dynamic_range_db
            expected[lesion.window(expected.shape)] += offset * lesion.profile(expected.shape)
        shown = np.clip(sample.image + expected, 0, 1)
        np.testing.assert_allclose(lesions.image, shown, atol=1e-6)
        np.testing.assert_allclose(lesions.offset, shown - sample.image, atol=1e-6)


def test_windows_do_not_overlap_and_lie_in_tissue_that_is_not_clipped(samples):
    for sample in samples:
        covered = np.zeros(sample.image.shape, int)
        for lesion in sample.lesions.lesions:
            window = lesion.window(covered.shape)
            covered[window] += 1
            inside = lesion.profile(covered.shape) > 0.5
            for image in (sample.image, sample.lesions.image):
                under = image[window][inside]
                assert ((under <= 0) | (under >= 1)).mean() <= 0.04
            assert sample.image[window][inside].mean() >= 0.1
        assert covered.max() == 1


def test_contrasts_sizes_and_borders_are_the_stated_ones(samples):
    for sample in samples:
        lesions = sample.lesions
        kinds = [(abs(lesion.contrast_db), lesion.size) for lesion in lesions.lesions]
        assert len(set(kinds)) == len(kinds) >= 4
        assert {contrast for contrast, _ in kinds} <= set(CONTRASTS_DB)
        assert {size for _, size in kinds} <= set(SIZES)
        for lesion in lesions.lesions:
            assert np.sqrt(lesion.axial * lesion.lateral) == pytest.approx(lesion.size * lesions.grain)
            assert 2.355 * lesion.border == pytest.approx(lesions.grain)


def test_coarse_grain_makes_large_lesions():
    fine, coarse = (
        usbench.load_dataset(f"phantom[count=1]+psf[axial={axial},lateral={2 * axial}]+lesions")[0].lesions.grain
        for axial in (1, 3)
    )
    assert coarse > 2 * fine


def test_the_same_lesions_again_and_others_in_another_image():
    first, again = (usbench.load_dataset("phantom[count=2]+psf+lesions") for _ in range(2))
    assert np.array_equal(first[0].lesions.image, again[0].lesions.image)
    assert first[0].lesions.lesions != first[1].lesions.lesions
    more = usbench.load_dataset("phantom[count=9]+psf+lesions")
    assert more[1].lesions.lesions == first[1].lesions.lesions


def test_the_image_without_lesions_is_that_of_the_set():
    plain, with_lesions = usbench.load_dataset("phantom[count=1]+psf")[0], usbench.load_dataset(SETS[0])[0]
    assert plain.input_hash == with_lesions.input_hash
    assert plain.lesions is None


def test_any_set_can_carry_them_and_names_are_read():
    assert usbench.load_dataset("phantom+psf[axial=2]+lesions").label == "phantom+psf[axial=2]+lesions"
    assert usbench.load_dataset("echo+lesions").kind == "real"
    assert usbench.load_dataset("phantom+psf+lesions").kind == "simulated"
    with pytest.raises(UsageError, match="names several simulators"):
        usbench.load_dataset("phantom+psf+gamma")


def test_a_folder_can_carry_them(tmp_path):
    import imageio.v3 as iio

    sample = usbench.load_dataset("phantom[count=1]+psf")[0]
    (tmp_path / "a+b").mkdir()
    iio.imwrite(tmp_path / "a+b" / "x.png", np.round(255 * sample.image).astype(np.uint8))
    found = usbench.load_dataset(f"folder:{tmp_path / 'a+b'}+lesions")
    assert found[0].lesions.dynamic_range_db == 60
    assert usbench.load_dataset(f"folder:{tmp_path / 'a+b'}")[0].lesions is None


def test_an_image_without_room_has_none_and_metrics_say_so():
    from usbench.datasets.lesions import Lesions

    flat = usbench.Sample("flat", np.full((24, 24), 0.5, np.float32))
    assert Lesions().insert(flat, np.random.default_rng(0)) is None
    assert usbench.load_metric("grain_kept").missing(flat) == "no inserted lesions"


def test_an_image_without_grain_has_none():
    grey = usbench.Sample("grey", np.full((200, 200), 100 / 255, np.float32))
    assert usbench.load_simulator("lesions").insert(grey, np.random.default_rng(0)) is None


def test_lesions_are_inserted_once():
    with pytest.raises(UsageError, match="one .lesions at the end"):
        usbench.load_dataset("echo+lesions+lesions")
