"""Short trainings choose the options of a long one."""

import json
import math

import numpy as np
import pytest
import torch
from usbench.methods.pix2pix.regression import Objective, Regression

from usbench.cli.app import run_command
from usbench.core.errors import UsageError
from usbench.training import trials
from usbench.training.contracts import Hardware, Recipe, Schedule
from usbench.training.trials import best, grid, try_out, validation_psnr

ON_CPU = Hardware("cpu", precision="32-true")


class Gain(torch.nn.Module):
    """Multiplies the image by a number, 1 at first."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = torch.nn.Parameter(torch.ones(1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.gain * image


def half_as_bright(index: int):
    image = np.random.default_rng(index).random((16, 16)).astype(np.float32)
    return image, image / 2


def recipe(options) -> Recipe:
    task = Regression(Gain(), Objective(l1=0.0, l2=1.0, adversarial=0.0), float(options["learning_rate"]))
    return Recipe(task, half_as_bright, lambda index: half_as_bright(1000 + index), {}, tuple, lambda task: {})


def test_a_grid_holds_every_combination():
    assert grid({"a": ["1", "2"], "b": ["x", "y"]}) == [
        {"a": "1", "b": "x"}, {"a": "1", "b": "y"}, {"a": "2", "b": "x"}, {"a": "2", "b": "y"},
    ]  # fmt: skip
    assert grid({}) == [{}]


def test_the_rate_that_gets_nearer_wins(tmp_path):
    candidates = grid({"learning_rate": ["1e-6", "5e-2"]})
    found = try_out(recipe, candidates, Schedule(steps=30, batch=2), tmp_path, ON_CPU)
    assert [trial["learning_rate"] for trial in found] == ["1e-6", "5e-2"]
    assert found[0]["psnr"] == pytest.approx(10.8, abs=0.3)  # as good as nothing was learnt: -10 lg(1/12)
    assert found[1]["psnr"] > found[0]["psnr"] + 3
    assert best(found) == {"learning_rate": "5e-2"}


def test_a_search_goes_on_where_it_was(tmp_path, monkeypatch):
    schedule = Schedule(steps=4, batch=2)
    first = try_out(recipe, [{"learning_rate": "1e-3"}], schedule, tmp_path, ON_CPU)
    tried = []
    monkeypatch.setattr(trials, "fit", lambda made, *rest: tried.append(made.task))
    both = try_out(recipe, grid({"learning_rate": ["1e-3", "1e-2"]}), schedule, tmp_path, ON_CPU)
    assert len(tried) == 1
    assert both[0] == first[0]
    other_length = try_out(recipe, [{"learning_rate": "1e-3"}], Schedule(steps=5, batch=2), tmp_path, ON_CPU)
    assert len(tried) == 2
    assert other_length[0]["psnr"] != first[0]["psnr"]


def test_a_damaged_record_is_a_sentence(tmp_path):
    (tmp_path / "trials.json").write_text("{")
    with pytest.raises(UsageError, match="damaged; delete it"):
        try_out(recipe, [{"learning_rate": "1"}], Schedule(steps=1), tmp_path, ON_CPU)


def test_a_trial_that_ran_away_does_not_win():
    assert best([{"a": "1", "psnr": math.nan}, {"a": "2", "psnr": 3.0}, {"a": "3", "psnr": 3.0}]) == {"a": "2"}
    with pytest.raises(UsageError, match="No trial"):
        best([{"a": "1", "psnr": math.nan}])


def test_validation_psnr_is_the_mean_over_pairs():
    task = Regression(Gain(), Objective())
    expected = np.mean(
        [-10 * np.log10(np.mean((half_as_bright(n)[1]) ** 2)) for n in range(trials.JUDGED_PAIRS)]  # x - x / 2
    )
    assert validation_psnr(task, half_as_bright) == pytest.approx(expected, abs=1e-4)


@pytest.mark.full
def test_the_card_says_what_was_tried(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trials, "JUDGED_PAIRS", 1)
    small = ["--set", "width=2", "--set", "crop=32", "--set", "products=phantom+rayleigh", "--batch", "2"]
    lengths = ["--steps", "2", "--trial-steps", "1", "--loaders", "0", "--device", "cpu", "--precision", "32-true"]
    assert run_command(["train", "unet", *small, *lengths, "--try", "learning_rate=1e-5,1e-3"]) == 0
    card = json.loads((tmp_path / "training" / "unet" / "weights" / "unet.json").read_text())
    assert [trial["learning_rate"] for trial in card["trials"]] == ["1e-5", "1e-3"]
    assert card["trial_steps"] == 1
    assert card["steps"] == 2
    assert str(card["learning_rate"]) == str(float(best(card["trials"])["learning_rate"]))


def test_simulators_are_not_tried_out(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_command(["train", "gan-s", "--try", "width=8,16", "--steps", "1"]) == 2
    assert "does not apply to the simulator gan-s" in capsys.readouterr().err


@pytest.mark.full
def test_a_single_value_needs_no_trial_and_is_used(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["--set", "width=2", "--set", "crop=32", "--set", "products=phantom+rayleigh", "--batch", "2"]
    lengths = ["--steps", "1", "--loaders", "0", "--device", "cpu", "--precision", "32-true"]
    assert run_command(["train", "unet", *small, *lengths, "--try", "learning_rate=3e-4"]) == 0
    card = json.loads((tmp_path / "training" / "unet" / "weights" / "unet.json").read_text())
    assert card["learning_rate"] == 3e-4
    assert "trials" not in card
