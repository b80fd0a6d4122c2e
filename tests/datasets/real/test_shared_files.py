"""The sets available here, read from their own files: content, and positions of the regions."""

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

import usbench
from usbench.ultrasound.scan_area import graphics, scan_area

HERE = {
    "hc18": ("hc18", 60, (540, 800)),
    "usgra": ("usgra", 51, (512, 512)),
    "busi": ("Dataset_BUSI_with_GT", 14, None),
    "timtrack": ("timtrack", 12, None),
    "disk": ("pymust_disk", 32, (251, 251)),
    "pluslib": ("pluslib", 33, None),
    "itk": ("itk_ultrasound", 5, None),
}


def load(shared_data, name):
    return usbench.load_dataset(f"{name}:{shared_data / HERE[name][0]}", whole=True)


@pytest.mark.parametrize("name", HERE)
def test_samples_of_the_files_at_hand(shared_data, name):
    _, count, _ = HERE[name]
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


def test_a_cyst_is_darker_than_its_background_in_every_busi_image_of_one(shared_data):
    dataset = load(shared_data, "busi")
    cysts = [f"benign ({n})" for n in (18, 26, 33, 36, 38, 41, 45, 48, 49)]
    for sample in (dataset[dataset.ids().index(cyst)] for cyst in cysts):
        lesion, ring = (sample.image[sample.rois.masks[name]].mean() for name in ("lesion", "lesion_background"))
        assert lesion < 0.6 * ring, sample.id


def test_vessels_are_darker_than_their_surroundings_in_most_images(shared_data):
    darker = []
    for sample in load(shared_data, "usgra"):
        if ("vessel", "vessel_background") in sample.rois.contrast:
            vessel, ring = (sample.image[sample.rois.masks[n]].mean() for n in ("vessel", "vessel_background"))
            darker.append(vessel < ring)
    assert len(darker) > 30
    assert np.mean(darker) > 0.9


def test_pixel_sizes_of_hc18_come_from_its_table(shared_data):
    sample = load(shared_data, "hc18")[0]
    assert sample.id == "001_HC"
    assert sample.spacing == (0.08965852, 0.08965852)


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
