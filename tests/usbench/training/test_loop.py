"""The training loop: resumable to the bit, bounded in time, on several devices, and it learns."""

import csv
import itertools
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from program_files import program
from stops import Stop, stopping
from usbench.methods.pix2pix.generator import build_generator
from usbench.methods.pix2pix.regression import Objective
from usbench.methods.pix2pix.task import Pix2Pix

from usbench.core.errors import UsageError
from usbench.training import clock, loop
from usbench.training.contracts import Hardware, Recipe, Schedule
from usbench.training.loop import fit, learning_rate_factor

CPU = Hardware("cpu", precision="32-true")


def pairs(index: int):
    rng = np.random.default_rng(index)
    target = np.kron(rng.random((4, 4)), np.ones((16, 16))).astype(np.float32)
    return np.clip(target * rng.rayleigh(0.8, target.shape), 0, 1).astype(np.float32), target


def recipe(supply=pairs, width=4, **options) -> Recipe:
    network = build_generator({"network": "residual-unet", "width": width, "blocks": 1})
    task = Pix2Pix(network, 2, Objective(), average_decay=0.5, **options)
    return Recipe(task, supply, pairs, {}, lambda: [], lambda _: {})


def curve(folder) -> list[dict]:
    with (folder / "log.csv").open(newline="") as stream:
        return [{k: v for k, v in row.items() if k not in ("seconds", "data_wait")} for row in csv.DictReader(stream)]


def test_a_resumed_training_is_the_uninterrupted_one(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "REPORT_STEPS", 2)
    whole = recipe()
    fit(whole, Schedule(steps=9, batch=2), tmp_path / "whole", CPU)

    with pytest.raises(Stop):
        fit(recipe(stopping(pairs, 10)), Schedule(steps=9, batch=2, save_every=0), tmp_path / "cut", CPU)
    cut = recipe()
    trained = fit(cut, Schedule(steps=9, batch=2), tmp_path / "cut", CPU)
    assert trained.step == 9
    for name, value in whole.task.weights().items():
        assert torch.equal(value, cut.task.weights()[name]), name
    assert curve(tmp_path / "cut") == curve(tmp_path / "whole")
    assert [row["step"] for row in curve(tmp_path / "cut")] == ["2", "4", "6", "8"]


def test_a_batch_in_parts_gives_the_gradient_of_the_whole(tmp_path):
    whole, parts = recipe(), recipe()
    for made in (whole, parts):  # batch norm sees parts on their own: without the critic there is none
        made.task.objective = Objective(adversarial=0)
    fit(whole, Schedule(steps=3, batch=4), tmp_path / "whole", CPU)
    fit(parts, Schedule(steps=3, batch=4, accumulate=4), tmp_path / "parts", CPU)
    for name, value in whole.task.weights().items():
        assert torch.allclose(value, parts.task.weights()[name], atol=1e-5), name


@pytest.mark.full
def test_training_lowers_the_l1_distance_and_leaves_a_record(tmp_path):
    made = recipe(learning_rate=4e-3)
    made.task.objective = Objective(adversarial=0)
    reports = []
    fit(made, Schedule(steps=150, batch=4), tmp_path, CPU, reports.append)
    losses = [float(row["l1"]) for row in curve(tmp_path)]
    assert len(losses) == len(reports) == 3
    assert losses[-1] < 0.65 * losses[0]
    assert 0 <= reports[-1].data_wait < 1
    assert (tmp_path / "last.ckpt").is_file()
    assert list((tmp_path / "tensorboard").glob("events*"))
    assert (tmp_path / "samples-0000150.png").is_file()


def test_the_critic_joins_when_the_objective_says(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "REPORT_STEPS", 1)
    made = recipe()
    made.task.objective = Objective(adversarial_from=0.5)
    before = {name: value.clone() for name, value in made.task.networks["critic"].state_dict().items()}
    fit(made, Schedule(steps=4, batch=1), tmp_path, CPU)
    assert [row["adversarial"] != "" for row in curve(tmp_path)] == [False, False, True, True]
    after = made.task.networks["critic"].module.state_dict()
    assert any(not torch.equal(before[name], after[name]) for name in before)


def test_training_stops_in_time(tmp_path, monkeypatch):
    now = itertools.count()  # each look at the clock is a second later
    for module in (clock, loop):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: float(next(now))))
    trained = fit(recipe(), Schedule(steps=10_000, batch=1, seconds=20.0), tmp_path, CPU)
    assert 1 < trained.step < 20
    assert 20 <= trained.elapsed < 30
    again = fit(recipe(), Schedule(steps=10_000, batch=1, seconds=20.0), tmp_path, CPU)
    assert again.step == trained.step


def test_time_and_work_are_counted_once(tmp_path, monkeypatch):
    now, worked = itertools.count(), itertools.count()
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: float(next(now))))
    monkeypatch.setattr(clock, "_core_seconds", lambda: float(next(worked)))
    for steps in (8, 16):  # the second goes on where the first ended
        trained = fit(recipe(), Schedule(steps=steps, batch=1), tmp_path, CPU)
    assert trained.core_seconds <= next(worked)
    assert trained.elapsed <= next(now)


def test_training_stops_when_its_cores_have_worked_enough(tmp_path, monkeypatch):
    worked = itertools.count()  # each look at the cores is a second later
    monkeypatch.setattr(clock, "_core_seconds", lambda: float(next(worked)))
    trained = fit(recipe(), Schedule(steps=10_000, batch=1, core_seconds=20.0), tmp_path, CPU)
    assert 1 < trained.step < 20
    assert 20 <= trained.core_seconds < 40
    again = fit(recipe(), Schedule(steps=10_000, batch=1, core_seconds=20.0), tmp_path, CPU)
    assert again.step == trained.step


@pytest.mark.parametrize(("seconds", "least", "most"), [(None, 64, 64), (20.0, 1, 20)])
def test_batch_norm_is_calibrated_in_the_time_that_there_is(tmp_path, monkeypatch, seconds, least, most):
    now = itertools.count()
    for module in (clock, loop):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: float(next(now))))
    made, seen = recipe(), []
    made.task.calibrate_batch_norm = lambda sources: seen.extend(sources)
    fit(made, Schedule(steps=2, batch=1, seconds=seconds), tmp_path, CPU)
    assert least <= len(seen) <= most


def test_a_foreign_checkpoint_is_refused(tmp_path):
    fit(recipe(), Schedule(steps=1, batch=1), tmp_path, CPU)
    with pytest.raises(UsageError, match="of another network or damaged"):
        fit(recipe(width=6), Schedule(steps=2, batch=1), tmp_path, CPU)
    (tmp_path / "last.ckpt").write_bytes(b"nonsense")
    with pytest.raises(UsageError, match="of another network or damaged"):
        fit(recipe(), Schedule(steps=2, batch=1), tmp_path, CPU)


@pytest.mark.parametrize(
    ("schedule", "hardware", "sentence"),
    [
        (Schedule(1, batch=3, accumulate=2), CPU, "3 pairs cannot be divided"),
        (Schedule(1), Hardware("tpu"), "'tpu' is unknown"),
        (Schedule(1, batch=64), Hardware("cuda", devices=64), "CUDA devices here, not 64"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(tmp_path, schedule, hardware, sentence):
    with pytest.raises(UsageError, match=sentence):
        fit(recipe(), schedule, tmp_path, hardware)


def test_the_learning_rate_warms_up_then_is_constant_then_falls_to_zero():
    assert [learning_rate_factor(1000, p) for p in (0, 0.5, 0.75, 1)] == [1, 1, 0.5, 0]
    assert learning_rate_factor(24, 0.0) == 0.25
    assert Schedule(steps=100, seconds=10).progress(10, 5.0, 1e9) == 0.5
    assert Schedule(steps=100, core_seconds=10).progress(10, 1e9, 3.0) == 0.3
    assert Schedule(steps=100).progress(70, 1e9, 1e9) == 0.7


@pytest.mark.full
def test_two_devices_take_the_steps_of_one(tmp_path):
    """Gradients are means over devices: two processes with half a batch each end where one with all of it does."""
    script = tmp_path / "train.py"
    script.write_text(program("train_on_devices"))
    for devices in (1, 2):
        command = [sys.executable, str(script), str(devices), str(tmp_path / f"on{devices}")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, env={**os.environ})
        assert done.returncode == 0, done.stderr[-2000:]
    alone, shared = (torch.load(tmp_path / f"on{n}.pt", weights_only=True) for n in (1, 2))
    for name, value in alone.items():
        assert torch.allclose(value, shared[name.removeprefix("module.")], atol=1e-5), name
