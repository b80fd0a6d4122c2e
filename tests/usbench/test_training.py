"""The training loop: resumable to the bit, bounded in time, and it learns."""

import csv

import numpy as np
import pytest
import torch
from usbench.methods.pix2pix.pairs import SIZE, vary
from usbench.methods.pix2pix.task import Pix2Pix

from usbench.errors import UsageError
from usbench.rng import generator
from usbench.training import Schedule, fit, learning_rate_factor


def pairs(index: int):
    rng = np.random.default_rng(index)
    target = np.kron(rng.random((4, 4)), np.ones((64, 64))).astype(np.float32)
    return np.clip(target * rng.rayleigh(0.8, target.shape), 0, 1).astype(np.float32), target


def train(folder, steps, **options):
    task = Pix2Pix(width=2, critic_width=2, average_decay=0.5)
    trained = fit(task, pairs, Schedule(steps=steps, batch=1, **options), folder, device="cpu", report=lambda _: None)
    return task, trained


def test_a_resumed_training_is_the_uninterrupted_one(tmp_path, monkeypatch):
    whole, _ = train(tmp_path / "whole", 6)

    class Stop(Exception):
        pass

    def stop_at(index):
        if index >= 4:
            raise Stop
        return pairs(index)

    task = Pix2Pix(width=2, critic_width=2, average_decay=0.5)
    with pytest.raises(Stop):
        fit(
            task,
            stop_at,
            Schedule(steps=6, batch=1, save_every=0),
            tmp_path / "cut",
            device="cpu",
            report=lambda _: None,
        )
    resumed, trained = train(tmp_path / "cut", 6)
    assert trained.step == 6
    for name, value in whole.weights().items():
        assert torch.equal(value, resumed.weights()[name]), name


def test_training_lowers_the_l1_distance(tmp_path):
    task = Pix2Pix(width=4, critic_width=2, learning_rate=2e-3)
    fit(task, pairs, Schedule(steps=150, batch=1), tmp_path, device="cpu", report=lambda _: None)
    with (tmp_path / "log.csv").open() as stream:
        losses = [float(row["l1"]) for row in csv.DictReader(stream)]
    assert len(losses) == 3
    assert losses[-1] < 0.6 * losses[0]
    assert (tmp_path / "last.ckpt").is_file()


def test_training_stops_in_time(tmp_path):
    _, trained = train(tmp_path, 10_000, seconds=3.0)
    assert 0 < trained.step < 10_000
    assert trained.elapsed < 6
    _, again = train(tmp_path, 10_000, seconds=3.0)
    assert again.step == trained.step


def test_a_foreign_checkpoint_is_refused(tmp_path):
    train(tmp_path, 1)
    with pytest.raises(UsageError, match="of another network or damaged"):
        fit(Pix2Pix(width=4, critic_width=2), pairs, Schedule(steps=2), tmp_path, device="cpu")
    (tmp_path / "last.ckpt").write_bytes(b"nonsense")
    with pytest.raises(UsageError, match="of another network or damaged"):
        train(tmp_path, 2)


def test_the_learning_rate_is_constant_then_falls_to_zero():
    assert [learning_rate_factor(p) for p in (0, 0.5, 0.75, 1)] == [1, 1, 0.5, 0]
    assert Schedule(steps=100, seconds=10).progress(10, 5.0) == 0.5
    assert Schedule(steps=100).progress(70, 1e9) == 0.7


@pytest.mark.parametrize("shape", [(40, 300), (256, 256), (540, 800)])
def test_views_are_256_square_in_range_and_repeatable(shape):
    image = np.random.default_rng(0).random(shape).astype(np.float32)
    views = [vary(image, generator("test", n), turn=True) for n in range(10)]
    assert {view.shape for view in views} == {(SIZE, SIZE)}
    assert min(view.min() for view in views) >= 0
    assert max(view.max() for view in views) <= 1
    assert np.array_equal(views[3], vary(image, generator("test", 3), turn=True))
    assert not np.array_equal(views[3], views[4])
