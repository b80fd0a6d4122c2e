"""Cysts of known contrast, with and without speckle."""

import numpy as np
import pytest
from usbench.datasets.contrast_speckle import BACKGROUND, CONTRASTS_DB

import usbench


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
