"""Contrast metrics against closed forms, histograms by NumPy and the field's null values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from usbench.core.sample import Sample
from usbench.metrics.contrast import CNR, GCNR, cnr, cnr_db, contrast_db, gcnr, gcnr_null, gcnr_null_of, usdsai


def two_regions(target: np.ndarray, background: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    image = np.concatenate([target, background])[None]
    mask = np.zeros(image.shape, bool)
    mask[0, : len(target)] = True
    return image, mask, ~mask


def test_cnr_is_linear_and_unsigned():
    regions = two_regions(np.array([0.1, 0.3]), np.array([0.5, 0.9]))
    # means .2 and .7, variances .01 and .04
    assert cnr(*regions) == pytest.approx(0.5 / np.sqrt(0.05))
    assert cnr(regions[0], regions[2], regions[1]) == pytest.approx(cnr(*regions))


def test_cnr_of_flat_regions():
    assert cnr(*two_regions(np.full(5, 0.2), np.full(5, 0.2))) == 0
    assert cnr(*two_regions(np.full(5, 0.2), np.full(5, 0.3))) == np.inf


def test_gcnr_is_one_minus_the_overlap_of_numpys_histograms():
    rng = np.random.default_rng(0)
    target, background = rng.random(300), rng.beta(2, 5, 500)
    first = np.histogram(target, bins=256, range=(0, 1))[0] / 300
    second = np.histogram(background, bins=256, range=(0, 1))[0] / 500
    assert gcnr(*two_regions(target, background)) == pytest.approx(1 - np.minimum(first, second).sum())


@given(power=st.floats(0.3, 3))
def test_gcnr_is_steady_under_grey_maps_where_cnr_is_not(power):
    rng = np.random.default_rng(0)
    target, background = 0.1 + 0.15 * rng.random(4000), 0.2 + 0.7 * rng.random(4000)
    before, after = two_regions(target, background), two_regions(target**power, background**power)
    assert gcnr(*after) == pytest.approx(gcnr(*before), abs=0.06)
    if abs(power - 1) > 0.5:
        assert abs(cnr(*after) / cnr(*before) - 1) > 0.05


@pytest.mark.parametrize(("count", "bins", "expected"), [(1000, 256, 0.236), (1000, 100, 0.146), (50_000, 256, 0.031)])
def test_gcnr_of_identical_rayleigh_populations_is_not_zero(count, bins, expected):
    rng = np.random.default_rng(4)
    envelope = rng.rayleigh(size=2_000_000)
    population = envelope / envelope.max()
    scores = [gcnr(*two_regions(*rng.choice(population, (2, count))), bins=bins) for _ in range(20)]
    assert np.mean(scores) == pytest.approx(expected, abs=0.05 * bins / 256 + 0.01)
    assert gcnr_null(population, count, count, bins=bins) == pytest.approx(np.mean(scores), abs=0.01)


def test_without_rois_contrast_is_skipped_not_taken_over_the_image():
    sample = Sample("plain", np.full((8, 8), 0.5))
    assert CNR.missing(sample) == GCNR.missing(sample) == "no contrast ROIs"


def test_cnr_in_decibels_is_the_form_of_picmus():
    rng = np.random.default_rng(0)
    image = rng.uniform(0.2, 0.4, (40, 40))
    image[:, 20:] += 0.3
    target = np.zeros(image.shape, bool)
    target[:, 20:] = True
    first, second = image[target], image[~target]
    expected = 20 * np.log10(abs(first.mean() - second.mean()) / np.sqrt((first.var() + second.var()) / 2))
    assert cnr_db(image, target, ~target) == pytest.approx(expected)
    assert cnr_db(np.full_like(image, 0.5), target, ~target) == -np.inf


def test_contrast_is_that_of_the_envelope():
    display = np.full((10, 10), 0.6)
    target = np.zeros(display.shape, bool)
    target[:5] = True
    display[target] = 0.4
    assert contrast_db(display, target, ~target, 60.0) == pytest.approx(12.0)
    assert contrast_db(display, target, ~target, 40.0) == pytest.approx(8.0)


def test_usdsai_is_the_gain_in_separation():
    rng = np.random.default_rng(0)
    target = np.zeros((40, 40), bool)
    target[:, 20:] = True
    noise = rng.normal(0, 0.05, target.shape)
    image = np.where(target, 0.6, 0.4) + noise
    assert usdsai(image, image, target, ~target) == pytest.approx(1)
    assert usdsai(np.where(target, 0.6, 0.4) + noise / 2, image, target, ~target) == pytest.approx(4, rel=0.15)
    assert np.isnan(usdsai(image, np.full_like(image, 0.5), target, ~target))


def test_the_null_of_gcnr_is_what_regions_without_contrast_score():
    rng = np.random.default_rng(0)
    image = rng.rayleigh(0.2, (80, 80)).clip(0, 1)
    target = np.zeros(image.shape, bool)
    target[:, 40:] = True
    assert gcnr_null_of(image, target, ~target) == pytest.approx(gcnr(image, target, ~target), abs=0.03)


def test_contrast_order_is_unbiased_and_unmoved_by_grey_maps():
    from usbench.metrics.contrast import contrast_order, gcnr

    rng = np.random.default_rng(0)
    target = np.zeros((40, 50), bool)
    target[:, :25] = True
    found = []
    for _ in range(200):
        image = rng.rayleigh(size=target.shape)
        other = rng.rayleigh(size=target.shape)
        found.append(contrast_order(image, other, target, ~target))
    assert np.mean(found) == pytest.approx(0, abs=0.005)  # gCNR of the same is .2
    image = 0.1 * rng.rayleigh(size=target.shape) + 0.08 * target
    squeezed = 0.5 + 0.005 * image**0.3
    orders = [contrast_order(plane, image, target, ~target) for plane in (image, squeezed, 1 - image)]
    assert orders[0] == orders[1] == -orders[2] > 0.4
    assert gcnr(squeezed, target, ~target) < 0.8 * gcnr(image, target, ~target)


def test_contrast_order_is_cliffs_delta():
    from scipy.stats import mannwhitneyu

    from usbench.metrics.contrast import contrast_order

    rng = np.random.default_rng(1)
    image = rng.integers(0, 9, (12, 20)) / 8
    target = np.zeros(image.shape, bool)
    target[:5] = True
    first, second = image[target], image[~target]
    expected = 2 * mannwhitneyu(first, second).statistic / (first.size * second.size) - 1
    assert abs(contrast_order(image, image, target, ~target)) == pytest.approx(abs(expected))
