"""Metrics of inserted lesions: controls land where a sane person puts them."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import usbench
from usbench.core.errors import ImageError
from usbench.core.method import PlaneMethod
from usbench.evaluation.evaluate import despeckle_sample

SETS = ["phantom[count=2]+psf+lesions", "echo+lesions", "abdomen[count=2]+psf[axial=3,lateral=6]+lesions"]
EQUIVALENTS = [f"gaussian_equivalent_{contrast}db" for contrast in (2, 4, 8, 16)]
RESIDUALS = [f"lesion_residual_{contrast}db" for contrast in (2, 4, 8, 16)]


def values(method: str, sample: usbench.Sample, names) -> np.ndarray:
    """Values of metrics; those that do not apply to the sample are left out."""
    loaded = usbench.load_method(method)
    loaded.prepare("cpu")
    estimate = despeckle_sample(loaded, sample)
    answer = despeckle_sample(loaded, replace(sample, image=sample.lesions.image, lesions=None))
    metrics = [usbench.load_metric(name) for name in names]
    return np.array([metric(estimate, sample, answer) for metric in metrics if not metric.missing(sample)])


@pytest.fixture(scope="module", params=SETS)
def sample(request):
    return usbench.load_dataset(request.param)[0]


def test_the_untouched_image_has_one_and_loses_nothing(sample):
    np.testing.assert_allclose(values("identity", sample, EQUIVALENTS), 1, atol=1e-6)
    np.testing.assert_allclose(values("identity", sample, RESIDUALS), 0, atol=1e-10)
    assert values("identity", sample, ["lesion_spill", "grain_kept"]) == pytest.approx([0, 1], abs=1e-6)
    assert values("identity", sample, ["lesion_border"]) == pytest.approx([1], abs=0.15)


@pytest.mark.parametrize("sigma", [0.8, 1, 1.7, 2, 4])
def test_every_gaussian_has_one_where_it_leaves_half_of_the_lesions(sample, sigma):
    found, lost = (values(f"blur[sigma={sigma}]", sample, names) for names in (EQUIVALENTS, RESIDUALS))
    np.testing.assert_allclose(found[lost < 0.45], 1, atol=0.02)
    assert np.isinf(found[lost > 0.5]).all()


@pytest.mark.parametrize("control", ["half-blur", "sharpen", "filaments"])
def test_mixtures_sharpening_and_filaments_are_worse_than_a_gaussian(sample, control):
    assert (values(control, sample, EQUIVALENTS) > 1.03).all()


@pytest.mark.parametrize("control", ["constant", "stored-image"])
def test_what_does_not_answer_to_lesions_is_below_everything(sample, control):
    assert np.isinf(values(control, sample, EQUIVALENTS)).all()
    assert (values(control, sample, RESIDUALS) > 0.5).all()  # the mean moves with the lesions


def test_an_ideal_despeckler_is_far_below_one():
    """It removes the speckle and keeps every lesion: the reference, and the reference with lesions."""
    sample = usbench.load_dataset(SETS[0])[0]
    metrics = [usbench.load_metric(name) for name in EQUIVALENTS]
    answer = np.clip(sample.reference + sample.lesions.offset, 0, 1)
    found = [metric(sample.reference, sample, answer) for metric in metrics]
    assert max(found) < 0.5


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.3])
def test_gain_and_residual_of_a_scaled_answer(sample, gain):
    lesions = sample.lesions
    answer = sample.image + gain * lesions.offset
    for contrast_db in (2, 4, 8, 16):
        residual = usbench.load_metric(f"lesion_residual_{contrast_db}db")
        if not residual.missing(sample):
            assert residual(sample.image, sample, answer) == pytest.approx((1 - gain) ** 2, abs=1e-6)
        for size in (1, 2, 4, 8):
            metric = usbench.load_metric(f"lesion_gain_{contrast_db}db_{size}g")
            if not metric.missing(sample):
                assert metric(sample.image, sample, answer) == pytest.approx(gain, abs=1e-6)


def test_spill_is_the_energy_away_from_the_lesions(sample):
    lesions = sample.lesions
    outside = np.ones(sample.image.shape, bool)
    for lesion in lesions.lesions:
        outside[lesion.window(outside.shape)] = False
    answer = sample.image + lesions.offset + np.where(outside, 0.01, 0)
    expected = 1e-4 * outside.sum() / np.sum(lesions.offset**2)
    assert usbench.load_metric("lesion_spill")(sample.image, sample, answer) == pytest.approx(expected, rel=1e-4)


def test_borders_widen_with_a_known_blur():
    sample = usbench.load_dataset(SETS[0])[0]
    lesions, metric = sample.lesions, usbench.load_metric("lesion_border")
    own = lesions.lesions[0].border
    widths = []
    for sigma in (0.5, 1.0, 2.0):
        answer = sample.image + gaussian_filter(lesions.offset, sigma)
        widths.append(metric(sample.image, sample, answer))
        assert widths[-1] == pytest.approx(np.hypot(own, sigma) / own, rel=0.2)
    assert widths == sorted(widths)


def test_the_observer_is_at_chance_where_there_is_no_answer():
    found = []
    for sample in usbench.load_dataset("phantom[count=6]+psf+lesions"):
        metric = usbench.load_metric("lesion_auc")
        if not metric.missing(sample):
            found.append([metric(sample.image, sample, image) for image in (sample.image, sample.lesions.image)])
    without, with_lesions = np.mean(found, axis=0)
    assert without == pytest.approx(0.5, abs=0.15)
    assert with_lesions > without + 0.1


def test_the_harness_gives_both_images_one_at_a_time():
    shapes = []

    @dataclass(frozen=True)
    class Counting(PlaneMethod):
        name = "counting"
        card = usbench.MethodCard(title="Counting", family="test")

        def despeckle_plane(self, image):
            shapes.append(image.shape)
            return image

    dataset = usbench.load_dataset("phantom[count=1]+psf+lesions")
    frame = usbench.evaluate(Counting(), dataset, [usbench.load_metric("gaussian_equivalent_4db")])
    assert frame["gaussian_equivalent_4db"].tolist() == pytest.approx([1.0])
    assert shapes == [(256, 256), (256, 256)]
    plain = usbench.evaluate(Counting(), usbench.load_dataset("phantom[count=1]+psf"))
    assert plain["gaussian_equivalent_4db"].isna().all()
    assert "no inserted lesions" in plain["skipped"][0]


def test_a_metric_of_lesions_without_the_second_result_is_refused(sample):
    with pytest.raises(ImageError, match="needs the result for the image with lesions too"):
        usbench.load_metric("lesion_spill")(sample.image, sample)


def test_filters_on_real_frames_are_where_the_prototype_found_them(shared_data):
    """srad, bilateral and lee come to 1, tv and nlm below 1 at high contrast, a median above 1 at low contrast."""
    dataset = usbench.load_dataset(f"hc18:{shared_data / 'hc18'}+lesions")
    chosen = [dataset[index] for index in range(4)]
    head = ["gaussian_equivalent_2db", "gaussian_equivalent_16db"]
    found = {name: np.nanmedian([values(name, one, head) for one in chosen], axis=0) for name in
             ("lee", "srad", "bilateral", "median", "tv")}  # fmt: skip
    for name in ("lee", "srad", "bilateral"):
        assert found[name] == pytest.approx([1, 1], abs=0.15)
    assert found["median"][0] > 1.2
    assert found["tv"][1] < 1 < found["tv"][0]


def test_borders_are_defined_by_the_sample_and_never_nan(sample):
    border = usbench.load_metric("lesion_border")
    assert border(sample.image, sample, sample.image) == 8  # no answer at all
    faint = tuple(lesion for lesion in sample.lesions.lesions if abs(lesion.contrast_db) < 8)
    only_faint = replace(sample, lesions=replace(sample.lesions, lesions=faint))
    assert "no room" in border.missing(only_faint)
