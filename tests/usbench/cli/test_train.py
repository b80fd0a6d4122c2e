"""`usbench train`: from nothing given to weights with a card, and again from where it was."""

import json
import shutil

import pytest
import torch

import usbench
from usbench import registry
from usbench.cli.app import run_command
from usbench.weights.shards import WeightsError

SMALL = ["--set", "width=4", "--set", "crop=64", "--set", "products=phantom+rayleigh", "--batch", "2", "--loaders", "0"]


@pytest.fixture
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.full
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
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "Trained 2 steps; the weights are in training/unet/weights.",
        "usbench run --method 'unet[weights=training/unet]'",
    ]
    assert [line.partition(":")[0] for line in said.err.splitlines() if line.endswith(" s")] == [
        "reading",
        "steps",
        "export",
    ]

    assert run_command(["train", "unet", "--steps", "3", "--device", "cpu", *SMALL]) == 0
    assert json.loads((folder / "weights" / "unet.json").read_text())["steps"] == 3


@pytest.mark.full
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
        (["gan-d", "--max-time", "90"], "--max-time 90 has no unit: 90s, 90m or 2h?"),
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


@pytest.mark.full
def test_a_time_shorter_than_the_export_is_said_before_the_first_step(in_empty_folder, capsys):
    arguments = ["train", "unet", "--steps", "2", "--max-time", "0.001s", "--device", "cpu", *SMALL]
    assert run_command(arguments) == 0
    lines = capsys.readouterr().err.splitlines()
    said = next(place for place, line in enumerate(lines) if "of --max-time, measuring and writing the weights" in line)
    assert said < next(place for place, line in enumerate(lines) if line.startswith("steps:"))
    card = json.loads((in_empty_folder / "training" / "unet" / "weights" / "unet.json").read_text())
    assert card["figures"]["phantom+rayleigh images"] == 1


@pytest.mark.full
def test_options_that_are_parameters_are_in_the_command(in_empty_folder, capsys):
    given = ["--set", "simulator=gamma", "--set", "width=2", "--set", "crop=32", "--batch", "2", "--loaders", "0"]
    assert run_command(["train", "unet-transfer", "--steps", "1", "--max-time", "1s", "--device", "cpu", *given]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "usbench run --method 'unet-transfer[simulator=gamma,weights=training/unet-transfer]'"
    method = usbench.load_method(last.split("'")[1])
    method.prepare()
    assert "mri+gamma/train" in method.card.trained_on


@pytest.mark.parametrize("name", ["gan-d", "gan-d-short", "gan-recpad", "gan-d-paper"])
def test_the_gans_run_on_weights_of_ones_own_by_folder_or_card(name, in_empty_folder):
    shipped = usbench.load_method(name)
    folder = in_empty_folder / "training" / name
    shutil.copytree(shipped.card_of_weights().parent, folder / "weights")
    image = torch.rand(1, 1, 40, 48, generator=torch.Generator().manual_seed(0))
    shipped.prepare()
    for given in (f"training/{name}", f"training/{name}/weights", f"training/{name}/weights/{name}.json"):
        mine = usbench.load_method(f"{name}[weights={given}]")
        assert mine.weights_hash() == shipped.weights_hash()
        mine.prepare()
        assert torch.equal(mine.despeckle(image), shipped.despeckle(image))
        assert mine.card.trained_on == shipped.card.trained_on
    other = "unet" if name == "gan-d" else "gan-d"
    with pytest.raises(WeightsError, match=f"{name} needs those that `usbench train {name}` writes"):
        usbench.load_method(name, weights=str(usbench.load_method(other).card_of_weights())).prepare()
    with pytest.raises(WeightsError, match="There is no card of weights nowhere"):
        usbench.load_method(name, weights="nowhere").weights_hash()


def test_rows_of_the_shipped_gans_have_the_parameters_that_they_always_had():
    assert usbench.load_method("gan-d").values() == {"exact": False}
    assert usbench.load_method("gan-recpad").values() == {"exact": True}
    assert usbench.load_method("gan-d", weights="w").values() == {"exact": False, "weights": "w"}
    assert usbench.load_method("unet").values() == {"exact": False, "weights": ""}
    assert "weights" in registry.find("methods", "gan-d").target.free_texts()  # no label from rows may set it
