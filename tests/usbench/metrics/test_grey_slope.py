"""The dynamic-range test against known grey maps."""

import numpy as np
import pytest

import usbench

METRIC = usbench.load_metric("grey_slope")


@pytest.mark.parametrize("slope", [0.5, 1.0, 1.4])
def test_a_linear_map_has_its_slope(slope):
    sample = usbench.load_dataset("gradient[count=1]+psf")[0]
    assert METRIC(0.1 + slope * sample.reference, sample) == pytest.approx(slope)


def test_the_untouched_image_keeps_its_range_and_a_stretch_does_not():
    for sample in usbench.load_dataset("gradient[count=4]+psf"):
        assert METRIC(sample.image, sample) == pytest.approx(1, abs=0.02)
        stretched = np.clip((sample.image - 0.5) * 1.5 + 0.5, 0, 1)
        assert METRIC(stretched, sample) > 1.2


def test_other_phantoms_have_none():
    assert METRIC.missing(usbench.load_dataset("phantom[count=1]+psf")[0]) == "no gradient phantom"
