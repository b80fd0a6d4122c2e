"""The sets available here, read from their own files: content, and positions of the regions."""

import numpy as np
import pytest
from scipy.ndimage import binary_dilation
from shared_sets import HERE, load

from usbench.ultrasound.scan_area import graphics, scan_area


@pytest.mark.parametrize("name", HERE)
def test_samples_of_the_files_at_hand(shared_data, name):
    _, count = HERE[name]
    dataset = load(shared_data, name)
    assert len(dataset) == count
    assert dataset.label == f"{name}[whole=True]"
    for sample in (dataset[0], dataset[count // 2], dataset[-1]):
        assert sample.image.max() > 0.5
        assert sample.rois.contrast
        masks = sample.rois.masks
        assert all(mask.sum() >= 80 for mask in masks.values())
        for target, background in sample.rois.contrast:
            assert not (masks[target] & masks[background]).any()
            rows = [np.flatnonzero(masks[side].any(axis=1)) for side in (target, background)]
            shared = min(r[-1] for r in rows) - max(r[0] for r in rows)
            assert shared >= 0.5 * min(np.ptp(r) for r in rows), "target and background lie at different depths"


@pytest.mark.parametrize("name", ["hc18", "usgra", "busi", "timtrack"])
def test_no_region_lies_on_borders_boxes_or_graphics(shared_data, name):
    dataset = load(shared_data, name)
    for index in range(0, len(dataset), max(1, len(dataset) // 6)):
        sample = dataset[index]
        outside = ~scan_area(sample.image) | graphics(sample.image)
        for mask in sample.rois.masks.values():
            assert not (mask & outside).any()
            assert not (binary_dilation(mask, iterations=2) & ~scan_area(sample.image)).any()
