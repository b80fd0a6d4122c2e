"""Widths of borders: those of known blurs, and growing with them."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt, gaussian_filter

import usbench
from usbench.core.sample import Rois, Sample
from usbench.metrics.edge_width import EDGE_WIDTH, edge_width

WIDEST = 2 * 0.8416 * 24


def disc(radius: float, low: float = 0.2, high: float = 0.7):
    row, column = np.mgrid[:160, :160]
    inside = np.hypot(row - 80, column - 80) < radius
    target = distance_transform_edt(inside) > 4
    outside = distance_transform_edt(~inside)
    return np.where(inside, low, high), target, (outside > 8) & (outside < 26)


@pytest.mark.parametrize("sigma", [0.6, 1.0, 2.0, 4.0])
@pytest.mark.parametrize(("low", "high"), [(0.2, 0.7), (0.7, 0.2), (0.3, 0.36)])
def test_a_blurred_step_has_its_known_width(sigma, low, high):
    clean, target, background = disc(34, low, high)
    found = edge_width(gaussian_filter(clean, sigma), clean, target, background)
    assert found == pytest.approx(2 * 0.8416 * np.hypot(sigma, 0.3), abs=0.35)


def test_the_sharpest_step_is_narrow_and_what_has_none_is_widest():
    clean, target, background = disc(34)
    assert edge_width(clean, clean, target, background) < 1.2
    assert edge_width(np.full_like(clean, 0.5), clean, target, background) == pytest.approx(WIDEST)
    assert edge_width(1 - clean, clean, target, background) == pytest.approx(WIDEST)


@pytest.mark.parametrize("offset", [-3, 0, 3])
def test_a_step_is_as_narrow_wherever_it_lies(offset):
    column = np.mgrid[:64, :64][1]
    image = np.where(column < 30 + offset, 0.2, 0.7)
    assert edge_width(image, image, column < 26, column > 36) < 1.2


def test_a_grey_offset_does_not_count_and_lost_contrast_does():
    clean, target, background = disc(34)
    blurred = gaussian_filter(clean, 2.0)
    own = edge_width(blurred, clean, target, background)
    assert edge_width(blurred + 0.05, clean, target, background) == pytest.approx(own)
    assert edge_width(0.5 * blurred, clean, target, background) > 1.5 * own


SETS = ["phantom[count=3]+psf", "contrast-speckle[count=3]+psf", "carotid[count=3]+psf", "abdomen[count=3]+psf", "echo"]


@pytest.mark.parametrize("name", SETS)
def test_it_grows_with_a_known_blur(name):
    for number in range(3):
        sample = usbench.load_dataset(name)[number]
        if EDGE_WIDTH.missing(sample):
            continue
        widths = [
            EDGE_WIDTH(gaussian_filter(sample.image.astype(float), blur), sample)
            for blur in (0.01, 0.8, 1.5, 3, 5, 8, 12, 20, 40)
        ]
        assert (np.diff(widths) > -0.05).all(), widths
        assert widths[-1] > 2 * widths[0]


def test_targets_without_a_step_are_skipped_for_every_method():
    clean, target, background = disc(34, 0.5, 0.51)
    rois = Rois({"disc": target, "ring": background}, (("disc", "ring"),))
    assert EDGE_WIDTH.missing(Sample("s", clean, rois=rois)) == "no border around disc"
    seen = disc(34)[0]
    assert EDGE_WIDTH.missing(Sample("s", clean, seen, rois)) == ""  # the reference decides where there is one
