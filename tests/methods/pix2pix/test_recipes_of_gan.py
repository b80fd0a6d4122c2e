"""The recipes of `gan-d` and `gan-s`, with the suite's own images."""

import json

import numpy as np
import pytest
import torch
from usbench.methods.pix2pix import gan_d_pairs, gan_d_recipe, recipes, simulator_recipe
from usbench.methods.pix2pix.gan_d import GanD
from usbench.methods.pix2pix.gan_s import GanS

from usbench.cli.app import run_command
from usbench.core.errors import UsageError
from usbench.training.contracts import Hardware, Schedule
from usbench.training.loop import fit


@pytest.fixture(autouse=True)
def few_images(monkeypatch):
    monkeypatch.setattr(recipes, "JUDGED", 1)
    for module in (gan_d_recipe, recipes):
        monkeypatch.setattr(module, "JUDGED_ON", ("natural+rayleigh",))
    monkeypatch.setattr(gan_d_recipe, "HELD_OUT_SIZE", 64)
    monkeypatch.setattr(gan_d_pairs, "OWN_IMAGES", {"mri": {"template": 1, "redrawn": 1}, "natural": {}})
    monkeypatch.setattr(simulator_recipe, "STYLES", 12)
    monkeypatch.setattr(simulator_recipe, "REAL_CROPS", 24)
    monkeypatch.setattr(simulator_recipe, "COMPARED", ("rayleigh",))


def test_gan_d_learns_from_pairs_with_lesions(tmp_path):
    recipe = GanD.recipe({}, width=4, crop=64, adversarial_from=0.5)
    images, references = recipe.pairs(0)
    assert images.shape == references.shape == (2, 64, 64)
    fit(recipe, Schedule(4, 1), tmp_path, Hardware("cpu", loaders=0))
    assert recipe.card["products"] == list(gan_d_pairs.PRODUCTS)
    made = recipe.task.estimate(torch.rand(1, 1, 64, 64))
    assert made.shape == (1, 1, 64, 64)
    assert "natural+rayleigh ssim" in recipe.figures(recipe.task)
    assert any(name.startswith("mri/") for name, _ in recipe.fingerprints())


def test_a_baseline_learns_from_the_same_pairs_without_lesions_and_from_real_frames(tmp_path):
    import imageio.v3 as iio
    from usbench.methods.deep.noise2void import Noise2Void
    from usbench.methods.deep.unet import Unet

    recipe = Unet.recipe({}, width=4, crop=64)
    image, reference = recipe.pairs(3)
    assert image.shape == reference.shape == (64, 64)
    assert np.array_equal(image, GanD.recipe({}, width=4, crop=64).pairs(3)[0][0])
    assert recipe.card["products"] == list(gan_d_pairs.PRODUCTS)
    iio.imwrite(tmp_path / "frame.png", np.full((80, 80), 77, np.uint8))
    blind = Noise2Void.recipe({"bmode": [tmp_path]}, width=4, crop=64)
    assert all(np.ptp(blind.pairs(number)[0][0]) < 0.2 for number in (1, 3, 5, 7))


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


def test_the_folders_of_the_shipped_weights_are_looked_for(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("USBENCH_TRAINING_DATA", str(tmp_path))
    assert run_command(["train", "gan-d", "--steps", "1"]) != 0
    assert "gan-d was trained on mri_many, which is not in" in capsys.readouterr().err


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
