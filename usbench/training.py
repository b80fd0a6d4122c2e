"""The one training loop that every trainable method uses: resumable, bounded in time, on any device (Fabric)."""

import csv
import os
import pickle
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import nn
from torch.utils.data import DataLoader, Dataset

from usbench.errors import UsageError

SETTLING_BATCHES = 64

Pair = tuple[np.ndarray, np.ndarray]


class Pairs(Protocol):
    """An endless supply of training pairs, each a function of its number alone."""

    def __call__(self, index: int) -> Pair:
        """Return (input, target) number `index`, float32 (H, W) in [0, 1]."""


class Task(Protocol):
    """What is trained: networks, optimisers and one step."""

    networks: dict[str, nn.Module]
    optimisers: dict[str, torch.optim.Optimizer]

    def step(self, source: torch.Tensor, target: torch.Tensor, backward: Callable[..., None]) -> dict[str, float]:
        """Update the networks on one batch, (B, 1, H, W) in [0, 1]; return the losses by name."""

    def estimate(self, source: torch.Tensor) -> torch.Tensor:
        """Return the output of the weights that would be shipped, for pictures of the progress."""

    def settle(self, sources: Iterable[torch.Tensor]) -> None:
        """Make ready what would be shipped (batch statistics, say) on batches that training has not seen."""

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the state dict that would be shipped."""


@dataclass(frozen=True)
class Recipe:
    """All that `usbench train NAME` needs to know of a trainable plugin, which offers it as a class method `recipe`.

    Attributes
    ----------
    task, pairs
        What is trained, and on what.
    card
        Written beside the weights: the network's size, the training data with its hash, the losses.
    """

    task: Task
    pairs: Pairs
    card: Mapping[str, Any]


@dataclass(frozen=True)
class Schedule:
    """How long to train and how to report.

    Parameters
    ----------
    steps, batch
        Updates in all, and pairs in each.
    seconds
        Wall-clock budget over all sessions of this run; None for no limit. The learning rate follows whichever of
        steps and seconds is further on.
    save_every
        Seconds between checkpoints.
    """

    steps: int
    batch: int = 4
    seconds: float | None = None
    save_every: float = 120.0

    def progress(self, step: int, elapsed: float) -> float:
        """Return how much of the training is done, in [0, 1]."""
        by_time = elapsed / self.seconds if self.seconds else 0.0
        return min(1.0, max(step / self.steps, by_time))


@dataclass(frozen=True)
class Trained:
    """How far a training is: steps taken, and seconds spent on them over all sessions."""

    step: int
    elapsed: float


def learning_rate_factor(progress: float) -> float:
    """Return pix2pix's schedule: constant over the first half, then linearly to 0."""
    return min(1.0, 2.0 * (1.0 - progress))


def fit(
    task: Task,
    pairs: Pairs,
    schedule: Schedule,
    folder: Path,
    *,
    device: str = "auto",
    precision: str = "32-true",
    workers: int = 0,
    report: Callable[[str], None] = print,
) -> Trained:
    """Train until the schedule ends, continuing from the folder's checkpoint if there is one; return how far it got.

    A run that was stopped and resumed takes the same steps on the same pairs as one that was not. The folder gets
    `last.ckpt`, `log.csv` and `progress.png`.

    """
    fabric = Fabric(accelerator=device, devices=1, precision=precision)  # type: ignore[arg-type]
    fabric.launch()
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "last.ckpt"
    state = _restore(task, checkpoint)
    base_rates = {name: [group["lr"] for group in o.param_groups] for name, o in task.optimisers.items()}
    _set_up(task, fabric)

    started = last_saved = time.monotonic()
    before = state["elapsed"]
    waited = 0.0
    sums: dict[str, float] = {}
    first = state["step"]
    batches = _batches(pairs, schedule, first, fabric, workers)
    for step in range(first, schedule.steps):
        elapsed = before + time.monotonic() - started
        progress = schedule.progress(step, elapsed)
        if progress >= 1.0:
            break
        asked = time.monotonic()
        source, target = next(batches)
        waited += time.monotonic() - asked
        factor = learning_rate_factor(progress)
        for name, optimiser in task.optimisers.items():
            for group, rate in zip(optimiser.param_groups, base_rates[name], strict=True):
                group["lr"] = rate * factor
        torch.manual_seed(step)  # dropout: the same draws whether or not the run was interrupted
        for name, value in task.step(source, target, fabric.backward).items():
            sums[name] = sums.get(name, 0.0) + value
        if (step + 1) % 50 == 0:
            now = before + time.monotonic() - started
            means = {name: value / 50 for name, value in sums.items()}
            sums = {}
            wait = waited / max(1e-9, time.monotonic() - started)
            _log(folder / "log.csv", {"step": step + 1, "seconds": round(now, 1), "data_wait": round(wait, 4)} | means)
            losses = ", ".join(f"{name} {value:.4f}" for name, value in means.items())
            report(f"step {step + 1} of {schedule.steps}, {now / 60:.1f} min, data wait {wait:.1%}: {losses}")
        if time.monotonic() - last_saved > schedule.save_every:
            last_saved = time.monotonic()
            _save(task, checkpoint, step + 1, before + last_saved - started, base_rates)
            _picture(task, source, target, folder / "progress.png")
        state["step"] = step + 1
    trained = Trained(state["step"], before + time.monotonic() - started)
    _save(task, checkpoint, trained.step, trained.elapsed, base_rates)
    unseen = Schedule(steps=schedule.steps + SETTLING_BATCHES, batch=schedule.batch)
    task.settle(source for source, _ in _batches(pairs, unseen, schedule.steps, fabric, workers))
    return trained


class _Numbered(Dataset):
    """Pairs `first` to `last` as a map-style data set."""

    def __init__(self, pairs: Pairs, first: int, last: int) -> None:
        self.pairs, self.first, self.last = pairs, first, last

    def __len__(self) -> int:
        return self.last - self.first

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        source, target = self.pairs(self.first + index)
        return torch.from_numpy(source)[None], torch.from_numpy(target)[None]


def _batches(
    pairs: Pairs, schedule: Schedule, first: int, fabric: Fabric, workers: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    numbered = _Numbered(pairs, first * schedule.batch, schedule.steps * schedule.batch)
    loader = DataLoader(numbered, schedule.batch, num_workers=workers, persistent_workers=workers > 0)
    for source, target in fabric.setup_dataloaders(loader):
        yield source.contiguous(memory_format=torch.channels_last), target


def _set_up(task: Task, fabric: Fabric) -> None:
    for name, network in task.networks.items():
        task.networks[name] = fabric.setup_module(network.to(memory_format=torch.channels_last))
    for name, optimiser in task.optimisers.items():
        task.optimisers[name] = fabric.setup_optimizers(optimiser)  # type: ignore[assignment]


def _restore(task: Task, checkpoint: Path) -> dict[str, Any]:
    if not checkpoint.is_file():
        return {"step": 0, "elapsed": 0.0}
    try:
        saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
        for name, network in task.networks.items():
            network.load_state_dict(saved["networks"][name])
        for name, optimiser in task.optimisers.items():
            optimiser.load_state_dict(saved["optimisers"][name])
            for group, rate in zip(optimiser.param_groups, saved["rates"][name], strict=True):
                group["lr"] = rate
    except (RuntimeError, KeyError, ValueError, EOFError, OSError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"The checkpoint {checkpoint} is of another network or damaged: {reason}") from None
    return {"step": int(saved["step"]), "elapsed": float(saved["elapsed"])}


def _save(task: Task, checkpoint: Path, step: int, elapsed: float, rates: Mapping[str, list[float]]) -> None:
    state = {
        "step": step,
        "elapsed": elapsed,
        "rates": dict(rates),
        "networks": {name: _plain(network).state_dict() for name, network in task.networks.items()},
        "optimisers": {name: _plain(optimiser).state_dict() for name, optimiser in task.optimisers.items()},
    }
    partial = checkpoint.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, checkpoint)


def _plain(wrapped: Any) -> Any:
    """Return the module or optimiser inside Fabric's wrapper."""
    return getattr(wrapped, "module", getattr(wrapped, "optimizer", wrapped))


def _log(path: Path, row: Mapping[str, float]) -> None:
    is_new = not path.exists()
    with path.open("a", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(row))
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def _picture(task: Task, source: torch.Tensor, target: torch.Tensor, path: Path) -> None:
    import imageio.v3 as iio

    columns = [torch.cat(list(images[:4, 0].cpu()), 0) for images in (source, task.estimate(source), target)]
    iio.imwrite(path, (torch.cat(columns, 1).clamp(0, 1) * 255).to(torch.uint8).numpy())
