"""The recipe of `gan-s`, with the suite's own images."""

import json
from functools import cache

import numpy as np
import pytest
import torch
from usbench.methods.pix2pix import likeness, simulator_recipe
from usbench.methods.pix2pix.gan_s import GanS

from usbench.core.errors import UsageError
from usbench.training.contracts import Hardware, Schedule
from usbench.training.loop import fit

stand_in = cache(simulator_recipe._stand_in)  # its frames are read once, not once a recipe


@pytest.fixture(autouse=True)
def few_images(monkeypatch):
    monkeypatch.setattr(simulator_recipe, "_stand_in", stand_in)
    monkeypatch.setattr(simulator_recipe, "STYLES", 3)
    monkeypatch.setattr(simulator_recipe, "REAL_CROPS", 8)
    monkeypatch.setattr(simulator_recipe, "JUDGED_SIDE", 128)
    monkeypatch.setattr(simulator_recipe, "COMPARED", ("rayleigh",))
    monkeypatch.setattr(likeness, "STEPS", 2)


def test_gan_s_learns_from_frames_and_slices_and_is_judged_on_slices(tmp_path):
    recipe = GanS.recipe({}, width=4, crop=64, adversarial_from=0.5)
    source, target = recipe.pairs(0)
    assert source.shape == (18, 64, 64)
    assert target.shape == (64, 64)
    fit(recipe, Schedule(4, 2), tmp_path, Hardware("cpu", loaders=0))
    assert len(recipe.card["styles"][0]) == 4
    figures = recipe.figures(recipe.task)
    assert {"deviation_error", "two_drawings", "borders", "told_apart", "rayleigh borders"} <= set(figures)
    assert np.isfinite(list(figures.values())).all()


def test_a_stopped_training_of_s_goes_on_as_one_that_was_not(tmp_path):
    def trained(folder, *stops):
        for steps in stops:
            recipe = GanS.recipe({}, width=4, crop=64, adversarial_from=0.0)
            fit(recipe, Schedule(steps, 2), tmp_path / folder, Hardware("cpu", precision="32-true", loaders=0))
        return recipe.task.weights()

    once, twice = trained("once", 4), trained("twice", 2, 4)
    for name, value in once.items():
        torch.testing.assert_close(twice[name], value, msg=name)


def test_too_few_frames_to_hold_some_out_are_told(tmp_path):
    import imageio.v3 as iio

    iio.imwrite(tmp_path / "one_0.png", np.zeros((64, 64), np.uint8))
    with pytest.raises(UsageError, match="too few"):
        GanS.recipe({"bmode": [tmp_path]})


def test_the_card_of_s_says_what_made_it():
    card = json.loads(GanS.weights_index().read_text())
    assert card["network"] == "speckle-unet"
    assert card["seconds"] <= 3600
    assert set(card["folders"]) == {"bmode", "mri"}
