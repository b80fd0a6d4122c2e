"""Regions of the phantom are exact."""

import numpy as np
import pytest
from usbench.datasets.phantom import BACKGROUND, CONTRASTS

import usbench


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
