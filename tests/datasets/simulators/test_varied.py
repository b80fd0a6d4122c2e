"""Randomised speckle: correlated, different from image to image, and without bias about its reference."""

import numpy as np
import pytest

import usbench
from usbench.texture import autocorrelation_widths


def draws(value: float, count: int):
    simulator = usbench.load_simulator("varied")
    flat = np.full((128, 128), value, np.float32)
    return [simulator.simulate(flat, np.random.default_rng(seed)) for seed in range(count)]


@pytest.mark.parametrize("value", [0.25, 0.6, 0.85])
def test_the_reference_is_the_mean_of_the_display(value):
    differences = [made.image.mean() - made.reference.mean() for made in draws(value, 40)]
    assert np.mean(differences) == pytest.approx(0, abs=0.004)
    assert np.std(differences) < 0.015


def test_grain_and_strength_differ_from_image_to_image():
    made = [image for image in draws(0.7, 24) if image.reference.mean() > 0.2]
    everywhere = np.ones((128, 128), bool)
    axial = [autocorrelation_widths(image.image, everywhere)[0] for image in made]
    assert min(axial) < 3 < max(axial)
    strength = [image.image.std() for image in made]
    assert max(strength) > 1.5 * min(strength)
    assert len({image.dynamic_range_db for image in made}) == len(made)


def test_it_is_rounded_to_eight_bits():
    image = draws(0.6, 1)[0].image
    assert np.allclose(image * 255, np.round(image * 255), atol=1e-4)
