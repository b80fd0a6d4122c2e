"""Maps of echogenicity for training."""

import numpy as np
import pytest
from usbench.methods.pix2pix import tissue
from usbench.methods.pix2pix.pairs import ImagePool

import usbench


@pytest.fixture
def pool():
    return ImagePool(sources=[usbench.load_dataset("natural[size=128]", split="train")])


def test_maps_repeat_with_the_generator_and_are_about_0_db(pool):
    for seed in range(20):
        first, same = (tissue.echogenicity(np.random.default_rng(seed), 96, pool, pool) for _ in range(2))
        assert first.shape == (96, 96)
        assert np.array_equal(first, same)
        assert np.isfinite(first).all()
        assert np.median(first) == pytest.approx(0, abs=1e-9)


def test_structure_is_faint_in_many_places_and_strong_in_some():
    maps = [tissue.drawn_tissue(np.random.default_rng(seed), 96) for seed in range(60)]
    deviations = np.concatenate([made.reshape(6, 16, 6, 16).std((1, 3)).ravel() for made in maps])
    assert 0.2 < np.quantile(deviations, 0.5) < 4
    assert np.quantile(deviations, 0.9) > 8


def test_lesions_are_faint_soft_and_away_from_the_margin():
    for seed in range(30):
        made = tissue.lesions(np.random.default_rng(seed), 128, 16)
        assert 1 < np.abs(made).max() <= tissue.LARGEST_CHANGE
        row, column = np.unravel_index(np.abs(made).argmax(), made.shape)
        assert 5 < row < 122
        assert 5 < column < 122


@pytest.mark.parametrize("centre", [(0, 0), (63, 5), (31.5, 31.5)])
def test_a_shape_fills_its_middle_and_fades_outside(centre):
    for seed in range(20):
        place, profile = tissue.shape(np.random.default_rng(seed), 64, 6.0, 1.0, centre)
        canvas = np.zeros((64, 64))
        canvas[place] = profile
        assert canvas.max() > 0.9
        assert np.abs(canvas[(np.hypot(*(np.indices((64, 64)) - np.reshape(centre, (2, 1, 1)))) > 24)]).max() < 0.05


def test_views_have_the_size_and_are_in_range(pool):
    for seed in range(10):
        view = tissue.view(np.random.default_rng(seed), 150, pool)
        assert view.shape == (150, 150)
        assert 0 <= view.min() < view.max() <= 1
