"""The reference of every speckle simulator is the mean over draws of what it shows, whatever the source."""

import numpy as np
import pytest

from usbench import registry
from usbench.core.rng import generator
from usbench.core.sample import Rois, Sample

# recpad has the clean image by its protocol; simus takes minutes a draw: its regions are tested in test_rendered.py
OTHERS = {"recpad", "simus", "gan-s", "gan-s-zenodo", "lesions"}
SIMULATORS = sorted(set(registry.names("simulators")) - OTHERS)
SOURCES = sorted(
    name for name in registry.names("datasets") if registry.find("datasets", name).target.card.kind == "clean"
)
SETTINGS = [
    *SIMULATORS,
    "psf[axial=3,lateral=6]",
    "psf[divergence=4,attenuation_db=20]",
    "psf[geometry=convex]",
    "psf[log_law=true]",
    "psf[dynamic_range_db=40,bits=3]",
    "gamma[looks=1]",
]
DRAWS = 256
CROP = 96
WIRE_REACH = 14  # pixels: around wires speckle is not fully developed
LEAST_DB = 45.0


def crop_of(source: str) -> Sample:
    """A crop of a source's first sample, with as much variety as one has."""
    whole = registry.load_dataset(source)[0]
    spread = [
        (float(whole.image[row : row + CROP, column : column + CROP].std()), row, column)
        for row in range(0, whole.image.shape[0] - CROP + 1, 32)
        for column in range(0, whole.image.shape[1] - CROP + 1, 32)
    ]
    _, top, left = max(spread)
    points = tuple(
        (row - top, column - left)
        for row, column in whole.rois.points
        if 0 <= row - top < CROP and 0 <= column - left < CROP
    )
    image = whole.image[top : top + CROP, left : left + CROP]
    return Sample("crop", image, rois=Rois(points=points), dynamic_range_db=whole.dynamic_range_db)


def debiased_psnr(simulator, clean: Sample) -> float:
    """PSNR of the mean of the draws less their references, outside wires, without what the draws' variance adds."""
    differences, squares = np.zeros(clean.image.shape), np.zeros(clean.image.shape)
    for number in range(DRAWS):
        made = simulator.simulate_sample(clean, generator("expected display", number))
        difference = made.image.astype(np.float64) - made.reference
        differences += difference
        squares += difference**2
    mean = differences / DRAWS
    variance = (squares / DRAWS - mean**2) / (DRAWS - 1)
    counted = np.ones(clean.image.shape, bool)
    for row, column in clean.rois.points:
        around = (slice(max(0, at - WIRE_REACH), at + WIRE_REACH + 1) for at in (row, column))
        counted[tuple(around)] = False
    return float(-10 * np.log10(max((mean**2 - variance)[counted].mean(), 1e-10)))


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("source", ["phantom", pytest.param("natural", marks=pytest.mark.full)])
def test_the_reference_is_the_mean_over_draws(source, setting):
    assert debiased_psnr(registry.load_simulator(setting), crop_of(source)) > LEAST_DB


@pytest.mark.full
@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"natural", "phantom"}))
def test_the_reference_is_the_mean_over_draws_for_every_source(source):
    assert debiased_psnr(registry.load_simulator("psf"), crop_of(source)) > LEAST_DB


@pytest.mark.slow
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("source", SOURCES)
def test_the_reference_is_the_mean_over_draws_for_every_pair(source, setting):
    assert debiased_psnr(registry.load_simulator(setting), crop_of(source)) > LEAST_DB
