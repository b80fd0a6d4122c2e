"""The random scanner: its references are expected displays, and both maps have the same speckle."""

import numpy as np
import pytest
from usbench.methods.pix2pix.scanner import MARGIN, Scanner
from usbench.methods.pix2pix.tissue import drawn_tissue, lesions

DRAWS = 256
SIZE = 96 + 2 * MARGIN


def scanner(**changes) -> Scanner:
    usual = {
        "axial": 1.2, "lateral": 2.0, "angle": 0.2, "aperture": False, "looks": 1, "range_db": 55.0, "gain_db": -25.0,
        "floor_db": -40.0, "power": 1.0, "filtered": 0.0, "bits": 8,
    }  # fmt: skip
    return Scanner(**(usual | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"looks": 4, "power": 1.6},
        {"gain_db": -5.0},  # clipped to white
        {"gain_db": -45.0},  # clipped to black
        {"filtered": 1.0},
        {"filtered": -0.5},
        {"bits": 4},
        {"axial": 3.0, "lateral": 5.0, "aperture": True},
    ],
)
def test_the_reference_is_the_mean_of_many_displays(changes):
    used = scanner(**changes)
    tissue = np.clip(drawn_tissue(np.random.default_rng(3), SIZE), -25, 25)
    rng = np.random.default_rng(0)
    drawn = [used.show([tissue], rng)[0] for _ in range(DRAWS)]
    images = np.stack([image for image, _ in drawn]).astype(np.float64)
    error = ((images.mean(0) - drawn[0][1]) ** 2 - images.var(0) / (DRAWS - 1)).mean()
    assert error < 10**-4.5  # 45 dB, without the error of so many draws


def test_maps_differ_in_their_echogenicity_alone():
    rng = np.random.default_rng(0)
    tissue = np.zeros((SIZE, SIZE))
    changed = tissue + lesions(rng, SIZE, MARGIN)
    (plain, reference), (image, changed_reference) = scanner().show([tissue, changed], rng)
    assert plain.shape == reference.shape == (96, 96)
    assert plain.dtype == reference.dtype == np.float32
    far = np.abs(changed[MARGIN:-MARGIN, MARGIN:-MARGIN]) < 1e-6
    assert np.abs(image - plain)[far].mean() < 0.01
    assert np.corrcoef((image - plain).ravel(), (changed_reference - reference).ravel())[0, 1] > 0.6


def test_drawn_scanners_have_grains_of_the_stated_sizes_and_stay_in_range():
    drawn = [Scanner.drawn(np.random.default_rng(seed)) for seed in range(300)]
    assert min(one.axial for one in drawn) < 0.7
    assert max(one.axial for one in drawn) > 5
    assert all(0.7 <= one.lateral <= 6 for one in drawn)
    assert {one.bits for one in drawn} == {3, 4, 5, 6, 7, 8}
    for number, one in enumerate(drawn[:12]):
        tissue = drawn_tissue(np.random.default_rng(number), SIZE)
        for image, reference in one.show([tissue], np.random.default_rng(number)):
            assert 0 <= image.min() <= image.max() <= 1
            assert 0 <= reference.min() <= reference.max() <= 1
