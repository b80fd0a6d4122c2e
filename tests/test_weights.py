"""What `nox -s weights` trains, and how weights come into the package."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from program_files import module_of

from usbench import registry
from usbench.weights.leakage import card_fingerprints, write_fingerprints
from usbench.weights.shards import load_weights, save_weights

FILE = Path(__file__).parents[1] / ".ci" / "weights.py"


@pytest.fixture
def script(monkeypatch, tmp_path):
    module = module_of(FILE)
    for name in ("TRAININGS", "DEEP", "PIX2PIX"):
        monkeypatch.setattr(module, name, tmp_path / name)
        (tmp_path / name).mkdir()
    return module


def trained(folder: Path, name: str, seed: int) -> Path:
    """The files that a training exports."""
    folder.mkdir()
    images = np.random.default_rng(seed).integers(0, 256, (2, 40, 40), dtype=np.uint8)
    listed = write_fingerprints(folder / f"{name}.training.txt", [("image", image) for image in images])
    (folder / f"{name}.curve.csv").write_text("step,l1\n1,0.5\n")
    card = {"name": name, "core_seconds": 2700, "training_images": listed}
    save_weights(folder, name, {"weight": torch.ones(2)}, card)
    return folder


def test_it_trains_every_network_that_ships_weights_but_the_gans_of_a_command_of_their_own(script):
    trainable = {name for name, method in registry.working("methods").items() if hasattr(method, "recipe")}
    assert {options[0] for _, _, options in script.RUNS} == trainable - {"gan-d", "gan-recpad"}
    assert len({name for _, name, _ in script.RUNS}) == len(script.RUNS)


def test_what_was_trained_can_be_loaded_from_the_package(script, tmp_path):
    made = trained(tmp_path / "a", "unet-transfer", 0)
    script.put(made, script.DEEP, "unet-transfer-loupas")
    card = script.DEEP / "unet-transfer-loupas.json"
    assert load_weights(card)["weight"].tolist() == [1, 1]
    assert len(card_fingerprints(card)) == 2
    assert (script.DEEP / "unet-transfer-loupas.curve.csv").is_file()
    assert script.is_done(script.DEEP, "unet-transfer-loupas")
    assert not script.is_done(script.DEEP, "unet-transfer-rayleigh")


def test_networks_of_the_same_images_share_a_list_of_them(script, tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        script.put(trained(tmp_path / name, name, seed), script.DEEP, name)
    lists = [json.loads((script.DEEP / f"{name}.json").read_text())["training_images"]["file"] for name in "abc"]
    assert lists == [script.SHARED_LIST, script.SHARED_LIST, "c.training.txt"]
    assert all(len(card_fingerprints(script.DEEP / f"{name}.json")) == 2 for name in "abc")


def test_a_process_leaves_out_what_another_trains_and_what_is_done(script, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "RUNS", tuple((script.DEEP, name, (name,)) for name in ("done", "taken", "free")))
    script.put(trained(tmp_path / "done", "done", 0), script.DEEP, "done")
    called = []

    def run(command, check):
        assert check
        called.append(command[4])
        trained(script.TRAININGS / "free", "free", 0).rename(tmp_path / "made")
        (script.TRAININGS / "free").mkdir()
        (tmp_path / "made").rename(script.TRAININGS / "free" / "weights")

    monkeypatch.setattr(script.subprocess, "run", run)
    with script.taken("taken") as mine:
        assert mine
        script.main(["--data", "images"])
    assert called == ["free"]
    assert script.is_done(script.DEEP, "free")
