"""The recipe of `gan-d`, and that the baselines have its pairs, with the suite's own images."""

import numpy as np
import pytest
import torch
from usbench.methods.pix2pix import gan_d_pairs, gan_d_recipe, recipes
from usbench.methods.pix2pix.gan_d import GanD

from usbench.cli.app import run_command
from usbench.training.contracts import Hardware, Schedule
from usbench.training.loop import fit


@pytest.fixture(autouse=True)
def few_images(monkeypatch):
    monkeypatch.setattr(recipes, "JUDGED", 1)
    for module in (gan_d_recipe, recipes):
        monkeypatch.setattr(module, "JUDGED_ON", ("natural+rayleigh",))
    monkeypatch.setattr(gan_d_recipe, "HELD_OUT_SIZE", 64)
    monkeypatch.setattr(gan_d_pairs, "OWN_IMAGES", {"mri": {"template": 1, "redrawn": 1}, "natural": {}})


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


def test_the_folders_of_the_shipped_weights_are_looked_for(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("USBENCH_TRAINING_DATA", str(tmp_path))
    assert run_command(["train", "gan-d", "--steps", "1"]) != 0
    assert "gan-d was trained on mri_many, which is not in" in capsys.readouterr().err
