"""Recordings, read from their own files."""

import numpy as np
import pytest
from shared_sets import load


def test_the_envelope_of_the_mouse_liver_has_the_ratio_found_before(shared_data):
    from usbench.datasets.real.recordings import Itk

    from usbench.io.metaimage import read_voxels
    from usbench.ultrasound.rf import envelope

    folder = shared_data / "itk_ultrasound"
    rf, labels = (read_voxels(folder / name)[0][1].T for name in ("MouseLiverRF.mha", "MouseLiverRF-label.mha"))
    detected = envelope(rf)
    sample = load(shared_data, "itk")[1 + 1]
    assert Itk.table["MouseLiverRF.mha"].every == 3
    assert sample.spacing == pytest.approx((3 * 0.0128417, 0.1))
    window = np.zeros(labels.shape, bool)
    window[300:420, 60:110] = True
    assert (labels[window] > 0).all()
    assert detected[window].mean() / detected[window].std() == pytest.approx(1.56, abs=0.1)
