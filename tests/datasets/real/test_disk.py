"""The disk, read from its own files."""

import numpy as np
import pytest
from shared_sets import load


def test_the_disks_reference_has_the_speckle_of_32_frames(shared_data):
    dataset = load(shared_data, "disk")
    sample = dataset[3]
    inside = sample.rois.masks["disk"]
    noise, rest = (plane[inside].std() / plane[inside].mean() for plane in (sample.image, sample.reference))
    assert rest < 0.65 * noise
    assert np.allclose(np.mean([s.image for s in dataset], axis=0), sample.reference, atol=1e-6)
    # 5.57 dB is the standard deviation of log-compressed Rayleigh speckle
    square = [s.image[s.rois.masks["homogeneous"]].std() for s in dataset]
    assert dataset.dynamic_range_db * np.mean(square) == pytest.approx(5.57, rel=0.1)
