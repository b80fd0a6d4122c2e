"""Slices of MRI: free of noise, and splits that are disjoint."""

import numpy as np
from usbench.datasets.mri import SLICES

import usbench


def test_mri_splits_are_three_slices_apart():
    for first, second in (("train", "val"), ("train", "test"), ("val", "test")):
        assert min(abs(a - b) for a in SLICES[first] for b in SLICES[second]) >= 3


def test_mri_slices_are_noise_free_with_sharp_tissue():
    dataset = usbench.load_dataset("mri", template=1, redrawn=4)
    assert [name.split("-")[0] for name in dataset.ids()] == ["template"] + 4 * ["redrawn"]
    for sample in list(dataset)[1:]:
        gradient = np.hypot(*np.gradient(sample.image.astype(float)))
        inside = sample.image > 0.08
        assert inside.mean() > 0.1
        # flat tissue with sharp borders: the median gradient is far below the steepest
        assert np.median(gradient[inside]) < 0.1 * np.quantile(gradient, 0.995)


def test_mri_redrawn_slices_vary_in_contrast():
    dataset = usbench.load_dataset("mri", template=0, redrawn=8)
    means = [sample.image[sample.image > 0.08].mean() for sample in dataset]
    assert np.std(means) > 0.05
