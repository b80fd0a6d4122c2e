"""`usbench train`: from nothing given to weights with a card, and again from where it was."""

import json

import pytest

from usbench.cli.app import run_command

SMALL = ["--set", "width=4", "--set", "crop=64", "--set", "products=phantom+rayleigh", "--batch", "2", "--loaders", "0"]


@pytest.fixture
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_training_leaves_weights_a_card_curves_and_fingerprints(in_empty_folder, capsys):
    assert run_command(["train", "unet", "--steps", "2", "--device", "cpu", *SMALL]) == 0
    folder = in_empty_folder / "training" / "unet"
    card = json.loads((folder / "weights" / "unet.json").read_text())
    assert card["steps"] == 2
    assert card["images_seen"] == 4
    assert card["products"] == ["phantom+rayleigh"]
    assert set(card["figures"]) == {f"phantom+rayleigh {name}" for name in ("psnr", "psnr_affine", "ssim")}
    assert card["training_images"]["count"] == 400
    assert {path.suffix for path in (folder / "weights").iterdir()} == {".json", ".safetensors", ".csv", ".txt"}
    assert "Trained 2 steps" in capsys.readouterr().out

    assert run_command(["train", "unet", "--steps", "3", "--device", "cpu", *SMALL]) == 0
    assert json.loads((folder / "weights" / "unet.json").read_text())["steps"] == 3


def test_fine_tuning_starts_from_the_shipped_weights(in_empty_folder, capsys):
    options = ["--set", "crop=64", "--set", "products=phantom+rayleigh", "--batch", "1", "--loaders", "0"]
    assert run_command(["train", "unet", "--fine-tune", "--steps", "1", "--device", "cpu", *options]) == 0
    card = json.loads((in_empty_folder / "training" / "unet" / "weights" / "unet.json").read_text())
    assert len(card["started_from"]) == 16
    assert card["figures"]["phantom+rayleigh ssim"] > 0.5  # one step from weights that can do it
    assert run_command(["train", "unet", "--fine-tune", "--steps", "1", "--folder", "other", *SMALL]) == 2
    assert "do not fit the network" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["srad"], "cannot be trained"),
        (["gan-dd"], "Did you mean"),
        (["gan-d", "--max-time", "soon"], "is not a time"),
        (["gan-d", "--precision", "8"], "is unknown"),
        (["gan-d", "--natural", "nowhere"], "does not exist"),
        (["unet", "--set", "products=natural"], "expected source+simulator"),
    ],
)
def test_wrong_usage_is_a_sentence(in_empty_folder, capsys, arguments, sentence):
    assert run_command(["train", *arguments, "--steps", "1"]) == 2
    assert sentence in capsys.readouterr().err


def test_an_option_that_the_recipe_does_not_have_is_named_with_those_that_it_has(tmp_path, capsys):
    for name in ("gan-d", "gan-s", "dncnn"):
        arguments = ["train", name, "--set", "widht=8", "--steps", "1", "--folder", str(tmp_path / name)]
        assert run_command(arguments) == 2
        said = capsys.readouterr().err
        assert f"The training of {name} has no option 'widht'; it has" in said
        assert "Did you mean" in said
        assert said.count("\n") == 1
        assert not (tmp_path / name).exists()
