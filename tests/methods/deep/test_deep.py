"""Every deep baseline is trained by one command, and runs on the weights that it writes."""

import json

import numpy as np
import pytest
from usbench.methods.deep import despeckler
from usbench.methods.deep.recipes import untrained
from usbench.methods.pix2pix import recipes

import usbench
from usbench import registry
from usbench.cli.app import run_command
from usbench.conformance import check_plugin
from usbench.core.errors import PluginError
from usbench.training import loop
from usbench.weights.leakage import write_fingerprints
from usbench.weights.shards import WeightsError, save_weights

TINY = {
    "unet-transfer": {"width": 2},
    "dncnn": {"width": 4, "depth": 3},
    "id-cnn": {"width": 4},
    "red-cnn": {"width": 4},
    "unet": {"width": 2},
    "unet-residual": {"width": 2},
    "nafnet": {"width": 4, "inner_blocks": 1},
    "restormer-light": {"width": 8, "inner_blocks": 1, "fold": 2},
    "ir-sde": {"width": 4, "blocks": 1},
    "noise2noise": {"width": 2},
    "noise2void": {"width": 2},
    "neighbor2neighbor": {"width": 2},
    "mask2restore": {"width": 2},
    "speckle2self": {"width": 4},
    "cyclegan": {"width": 2, "blocks": 1, "fold": 1, "critic_width": 2},
    "drnn": {"width": 2, "blocks": 1, "critic_width": 2},
}
TRAINED = [name for name in registry.names("methods") if hasattr(registry.find("methods", name).target, "sizes")]
QUICK = ["--steps", "2", "--batch", "2", "--loaders", "0", "--device", "cpu", "--precision", "32-true"]
LOSSES = {
    "unet-transfer": {"l1": 1.0},
    "dncnn": {"l2": 1.0},
    "id-cnn": {"l2": 1.0, "variation": 0.002},
    "red-cnn": {"l2": 1.0},
    "unet": {"l1": 1.0},
    "unet-residual": {"l1": 1.0},
    "nafnet": {"psnr": 1.0},
    "restormer-light": {"l1": 1.0},
    "ir-sde": {"l2": 1.0},
    "noise2noise": {"l2": 1.0},
    "noise2void": {"l2": 1.0},
    "neighbor2neighbor": {"l2": 1.0},
    "mask2restore": {"l2": 1.0},
    "speckle2self": {"l2": 1.0},
    "cyclegan": {"adversarial": 1.0, "cycle": 10.0, "identity": 5.0},
    "drnn": {"adversarial": 1.0, "structure": 0.5},
}


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def few_images(monkeypatch):
    """Figures and fingerprints of a card are those of a few images: they are tested with gan-d."""
    monkeypatch.setattr(recipes, "JUDGED", 1)
    monkeypatch.setattr(recipes, "SIZE", 64)
    monkeypatch.setattr(loop, "CALIBRATION_BATCHES", 2)
    monkeypatch.setitem(recipes.TRAINING_OPTIONS, "phantom", {"count": 8})


def test_every_one_is_tried():
    assert set(TRAINED) == set(TINY) == set(LOSSES)


@pytest.mark.parametrize("name", TRAINED)
def test_it_is_trained_and_run_on_its_own_weights(name, tmp_path, in_process, capsys):
    options = {"crop": 32, "products": "phantom+rayleigh", **TINY[name]}
    setting = [part for key, value in options.items() for part in ("--set", f"{key}={value}")]
    assert run_command(["train", name, *QUICK, *setting]) == 0, capsys.readouterr().err
    card = json.loads((tmp_path / "training" / name / "weights" / f"{name}.json").read_text())
    assert card["network"] == name
    assert card["images_seen"] == 4
    assert {key: card[key] for key in TINY[name]} == TINY[name]
    assert {key: value for key, value in card["objective"].items() if value} == LOSSES[name]
    assert card.get("critic_width") == TINY[name].get("critic_width")
    assert "phantom+rayleigh psnr" in card["figures"]
    mine = f"{name}[weights=training/{name}]"
    assert capsys.readouterr().out.splitlines()[-1] == f"usbench run --method '{mine}'"
    run = ["run", "-m", mine, "-d", "phantom[count=1]+rayleigh", "--metric", "psnr", "--no-timing", "--workers", "1"]
    assert run_command(run) == 0, capsys.readouterr().err
    method = usbench.load_method(mine)
    assert method.label == mine
    assert len(method.weights_hash()) == 16
    assert method.training_fingerprints()


@pytest.mark.parametrize("name", TRAINED)
def test_it_keeps_the_contract_on_random_weights(name, tmp_path):
    about = {"network": name, **TINY[name]}
    network = untrained(registry.find("methods", name).target, about)
    seen = np.random.default_rng(0).random((64, 64), np.float32)
    about["training_images"] = write_fingerprints(tmp_path / "seen.txt", [("noise", seen)])
    index = save_weights(tmp_path, name, network.state_dict(), about, half=False)
    fewer = ",draws=2" if name == "ir-sde" else ""
    findings = check_plugin(f"{name}[weights={index}{fewer}]")
    assert [f"{finding.check}: {finding.reason}" for finding in findings if finding.status == "broken"] == []


def test_without_weights_it_says_how_to_get_them(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(despeckler, "SHIPPED", tmp_path)
    with pytest.raises(PluginError, match=r"usbench train dncnn.*dncnn\[weights=training/dncnn\]"):
        usbench.load_method("dncnn")
    with pytest.raises(PluginError, match="usbench train dncnn"):
        registry.find("methods", "dncnn").target().prepare()
    assert run_command(["run", "-m", "dncnn", "-d", "echo"]) == 1
    assert "usbench train dncnn" in capsys.readouterr().err


def test_a_network_of_one_simulator_learns_from_that_one_and_says_what_it_lacks():
    target = registry.find("methods", "unet-transfer").target
    assert target.recipe({}, simulator="psf").card["products"] == ["natural+psf", "mri+psf", "phantom+psf"]
    assert (
        usbench.load_method("unet-transfer", simulator="loupas").card_of_weights().name == "unet-transfer-loupas.json"
    )
    with pytest.raises(PluginError, match=r"no weights for the simulator 'gamma': .*--set simulator=gamma"):
        usbench.load_method("unet-transfer", simulator="gamma").prepare()


def test_weights_of_another_network_are_refused(tmp_path):
    card = usbench.load_method("gan-d").card_of_weights()
    with pytest.raises(WeightsError, match=r"network 'residual-unet'; dncnn needs those that `usbench train dncnn`"):
        usbench.load_method("dncnn", weights=str(card)).prepare()
    with pytest.raises(WeightsError, match="There is no card of weights"):
        usbench.load_method("dncnn", weights=str(tmp_path / "none.json")).prepare()
    (tmp_path / "part.json").write_text('{"network": "dncnn", "depth": 3, "files": {}}')
    with pytest.raises(WeightsError, match="'width' is missing"):
        usbench.load_method("dncnn", weights=str(tmp_path / "part.json")).prepare()


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [("widht=4", "Did you mean 'width'"), ("width=wide", "expected a number above 0"), ("crop=-1", "above 0")],
)
def test_a_wrong_option_is_a_sentence(capsys, setting, sentence):
    assert run_command(["train", "dncnn", *QUICK, "--set", setting]) == 2
    assert sentence in capsys.readouterr().err


def test_all_see_the_pairs_of_gan_d_without_lesions():
    """The yardstick of the comparison: same products, crops and numbers, so the same pixels."""
    theirs = registry.find("methods", "gan-d-short").target.recipe({})
    ours = registry.find("methods", "red-cnn").target.recipe({}, width=2)
    for number in (0, 7):
        for first, second in zip(theirs.pairs(number), ours.pairs(number), strict=True):
            assert (first[0] == second).all()
    kept = ("products", "crop", "seed", "folders")
    assert {key: ours.card[key] for key in kept} == {key: theirs.card[key] for key in kept}


def test_the_baselines_and_gan_d_short_have_45_minutes():
    budgets = {
        name: registry.find("methods", name).target.recipe({}).core_seconds for name in ("red-cnn", "gan-d-short")
    }
    assert set(budgets.values()) == {45 * 60}
    assert registry.find("methods", "gan-d").target.recipe({}).core_seconds is None
