"""Methods that need no clean image can be trained on real B-mode as well; the others refuse it."""

import imageio.v3 as iio
import numpy as np
import pytest
from speckled_pairs import DEPTHS
from usbench.methods.pix2pix import recipes

from usbench import registry
from usbench.cli.app import run_command
from usbench.core.errors import UsageError

LEARN_FROM_IT = ("noise2void", "neighbor2neighbor", "speckle2self", "cyclegan", "drnn")


NEED_CLEAN = ("gan-d-paper", "unet", "noise2noise", "ir-sde")


@pytest.fixture(autouse=True)
def few_phantoms(monkeypatch):
    monkeypatch.setitem(recipes.TRAINING_OPTIONS, "phantom", {"count": 4})


@pytest.fixture
def frames(tmp_path):
    for number in range(3):
        iio.imwrite(tmp_path / f"{number}_frame.png", DEPTHS)
    return [tmp_path]


def recipe(name, folders=None, **options):
    return registry.find("methods", name).target.recipe(folders or {}, products="phantom+rayleigh", **options)


@pytest.mark.parametrize("name", LEARN_FROM_IT)
def test_a_folder_of_bmode_is_one_more_product(name, frames):
    made = recipe(name, {"bmode": frames})
    assert made.card["products"] == ["phantom+rayleigh", "bmode"]
    assert made.card["folders"]["bmode"]["count"] == 3
    assert {name.partition("/")[0] for name, _ in made.fingerprints()} == {"phantom", "bmode"}
    assert np.array_equal(*made.pairs.pairs(1))
    for index in (0, 1):  # the progress is judged where there is a reference
        assert not np.array_equal(*made.samples(index))


@pytest.mark.parametrize("name", NEED_CLEAN)
def test_a_method_that_needs_clean_images_refuses_it(name, frames, capsys):
    with pytest.raises(UsageError, match="learns from clean images, and 'bmode' has none"):
        recipe(name, {"bmode": frames})
    assert run_command(["train", name, "--bmode", str(frames[0]), "--set", "products=phantom+rayleigh"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_method_that_needs_clean_images_has_frames_in_the_pairs_of_gan_d(frames):
    made = registry.find("methods", "unet").target.recipe({"bmode": frames}, width=4)
    assert made.card["products"][-2:] == ["bmode+gan-s", "bmode"]


def test_a_real_set_may_be_named_and_must_have_images_to_train_on():
    target = registry.find("methods", "noise2void").target
    with pytest.raises(UsageError, match="echo has no images to train on"):
        target.recipe({}, products="phantom+rayleigh echo")
    with pytest.raises(UsageError, match="holds nothing to validate on; expected source.simulator"):
        target.recipe({}, products="echo")
