"""What every metric answers where there is little to measure: no traceback, and no number that means nothing."""

import warnings

import numpy as np
import pytest

import usbench
from usbench.core.errors import ImageError
from usbench.core.sample import Rois, Sample
from usbench.registry import names

SHAPE = (170, 170)  # ms_ssim takes no fewer than 161 pixels
CENTRE = (80, 90)


def sample_with(target: np.ndarray, background: np.ndarray) -> Sample:
    reference = np.random.default_rng(0).random(SHAPE).astype(np.float32)
    rois = Rois({"cyst": target, "tissue": background}, (("cyst", "tissue"),), ("tissue",), (CENTRE,))
    return Sample("odd", np.sqrt(reference), reference, rois, dynamic_range_db=60.0)


def disc(radius: float) -> np.ndarray:
    return np.hypot(*(np.indices(SHAPE) - np.reshape(CENTRE, (2, 1, 1)))) <= radius


def metric_and(sample: Sample, name: str) -> usbench.Metric:
    metric = usbench.load_metric(name)
    if reason := metric.missing(sample):
        pytest.skip(reason)
    return metric


@pytest.fixture(scope="module")
def plain() -> Sample:
    return sample_with(disc(20), disc(60) & ~disc(30))


@pytest.mark.parametrize("name", names("metrics"))
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_estimate_that_is_not_finite_has_no_value(plain, name, value):
    estimate = plain.image.copy()
    estimate[3, 5] = value  # outside all regions too
    with pytest.raises(ImageError, match=f"{name}: the estimate has values that are not finite"):
        metric_and(plain, name)(estimate, plain)


@pytest.mark.parametrize("name", names("metrics"))
def test_an_estimate_of_another_size_has_no_value(plain, name):
    with pytest.raises(ImageError, match=r"the estimate has the shape \(169, 170\), the image \(170, 170\)"):
        metric_and(plain, name)(plain.image[1:], plain)


@pytest.mark.parametrize("name", names("metrics"))
@pytest.mark.parametrize("kind", ["reference", "input", "grey", "black"])
@pytest.mark.parametrize("radius", [20, 0])
def test_flat_and_identical_images_and_regions_of_one_pixel_have_an_answer(name, kind, radius):
    sample = sample_with(disc(radius), np.roll(disc(radius), 60, axis=0))
    images = {"grey": np.full(SHAPE, 0.5), "black": np.zeros(SHAPE)}
    estimate = images | {"reference": sample.reference, "input": sample.image}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(metric_and(sample, name)(estimate[kind], sample), float)


@pytest.mark.parametrize("name", names("metrics"))
def test_a_region_without_pixels_is_a_reason_to_skip(name):
    sample = sample_with(np.zeros(SHAPE, bool), np.zeros(SHAPE, bool))
    metric = usbench.load_metric(name)
    looks = {"contrast", "homogeneous"} & set(metric.needs)
    assert bool(looks) == metric.missing(sample).startswith("no pixel in the region ") or metric.unavailable()
