"""Randomised speckle, raw and processed: correlated, different from image to image, unbiased about its reference."""

import numpy as np
import pytest
from usbench.methods.pix2pix.bmode_frames import prepared
from usbench.methods.pix2pix.pairs import OtherSpeckle

import usbench
from usbench.io import read_image
from usbench.ultrasound.speckle_size import autocorrelation_widths

EVERYWHERE = np.ones((128, 128), bool)


def draws(name: str, value: float, count: int):
    simulator = usbench.load_simulator(name)
    flat = np.full((128, 128), value, np.float32)
    return [simulator.simulate(flat, np.random.default_rng(seed)) for seed in range(count)]


@pytest.mark.parametrize(("name", "spread"), [("varied", 0.015), ("processed", 0.02)])
@pytest.mark.parametrize("value", [0.25, 0.6, 0.85])
def test_the_reference_is_the_mean_of_the_display(name, spread, value):
    differences = [made.image.mean() - made.reference.mean() for made in draws(name, value, 40)]
    assert np.mean(differences) == pytest.approx(0, abs=0.004)
    assert np.std(differences) < spread


@pytest.mark.parametrize("name", ["varied", "processed"])
def test_it_is_rounded_to_eight_bits(name):
    image = draws(name, 0.6, 1)[0].image
    assert np.allclose(image * 255, np.round(image * 255), atol=1e-4)


def test_varied_grain_and_strength_differ_from_image_to_image():
    made = [image for image in draws("varied", 0.7, 24) if image.reference.mean() > 0.2]
    axial = [autocorrelation_widths(image.image, EVERYWHERE)[0] for image in made]
    assert min(axial) < 3 < max(axial)
    strength = [image.image.std() for image in made]
    assert max(strength) > 1.5 * min(strength)
    assert len({image.dynamic_range_db for image in made}) == len(made)


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
