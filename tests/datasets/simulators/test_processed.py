"""Speckle of `processed`: grains like those of real frames, and a reference that is as blurred as the image."""

import numpy as np
import pytest
from speckle import draws
from usbench.methods.pix2pix.bmode_frames import prepared
from usbench.methods.pix2pix.pairs import OtherSpeckle

import usbench
from usbench.io import read_image
from usbench.ultrasound.speckle_size import autocorrelation_widths

EVERYWHERE = np.ones((128, 128), bool)


def test_processed_grains_are_wider_laterally_and_differ_from_image_to_image():
    made = [image for image in draws("processed", 0.8, 24) if image.reference.mean() > 0.2]
    axial, lateral = np.array([autocorrelation_widths(image.image, EVERYWHERE) for image in made]).T
    assert np.median(lateral) > 1.2 * np.median(axial)
    assert axial.max() > 2 * axial.min()


@pytest.mark.full
def test_processed_grains_are_nearer_to_those_of_real_frames_than_without_processing(shared_data):
    frames = sorted((shared_data / "hc18" / "training_set").glob("*HC.png"))[:30]
    real = _median_widths(read_image(frame).pixels for frame in frames)
    ours, raw = (
        _median_widths(sample.image for sample in usbench.load_dataset(f"phantom+{name}", split="train"))
        for name in ("processed", "varied")
    )
    assert np.all(np.abs(np.log(ours / real)) < 0.5 * np.abs(np.log(raw / real)))


def _median_widths(images) -> np.ndarray:
    """Return axial and lateral width of the grains, medians over images."""
    return np.median([prepared(np.round(image * 255).astype(np.uint8)).grain for image in images], axis=0)


def test_the_reference_of_processed_is_as_blurred_as_the_image():
    """Nothing is left of an edge in the mean over draws of speckle, less the reference."""
    simulator = usbench.load_simulator("processed")
    edge = np.full((96, 96), 0.5, np.float32)
    edge[:, 48:] = 0.9
    for scanner in range(3):
        made = []
        for draw in range(60):
            looks = OtherSpeckle(np.random.default_rng(scanner), np.random.default_rng((scanner, draw)))
            made.append(simulator.simulate(edge, looks))
        left = np.mean([one.image - one.reference for one in made], axis=(0, 1))
        assert np.abs(left).max() < 0.02
