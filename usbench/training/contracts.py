"""The contract between the training loop and a trainable plugin, and progress reports."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

Pair = tuple[np.ndarray, np.ndarray]
Batch = tuple[torch.Tensor, torch.Tensor]


class Pairs(Protocol):
    """An endless sequence of training pairs, each a function of its number."""

    def __call__(self, index: int) -> Pair:
        """Return (input, target) number `index`: float32 in [0, 1], each (H, W) or (C, H, W)."""


class Task(Protocol):
    """Networks, optimisers and the training step."""

    networks: dict[str, nn.Module]
    optimisers: dict[str, torch.optim.Optimizer]

    def step(
        self, parts: Sequence[Batch], number: int, progress: float, backward: Callable[..., None]
    ) -> dict[str, float]:
        """Update the networks once on a batch and return the losses by name.

        Parameters
        ----------
        parts
            Micro-batches, each (source, target), (B, C, H, W) in [0, 1] with channels of their own; gradients
            accumulate over them.
        number, progress
            Steps taken so far, and fraction of the training that is done.
        backward
            To be called with a loss in place of `loss.backward()`.
        """

    def estimate(self, source: torch.Tensor) -> torch.Tensor:
        """Return the output of the weights that would be shipped, for progress pictures."""

    def calibrate_batch_norm(self, sources: Iterable[torch.Tensor]) -> None:
        """Measure the batch-norm statistics of the weights to be shipped, on held-out batches."""

    def start_from(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Start from trained weights instead of random ones."""

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the state dict that would be shipped."""


@dataclass(frozen=True)
class Recipe:
    """The training of a plugin, returned by its class method `recipe`.

    Attributes
    ----------
    task, pairs
        Networks with their training step, and training pairs.
    samples
        Held-out pairs; progress pictures show the first four.
    card
        Metadata of the weights: size of the network, training data, losses.
    fingerprints
        Yields (name, image) of every training image, to find leaks into test sets.
    figures
        Called after training with the task, and with seconds that it may take but for one image of each kind; returns
        the weights' figures on held-out data.
    steps, batch
        Of the shipped weights: updates, and pairs in each.
    core_seconds
        Budget of the shipped weights, if it decides and not the steps; see `Schedule`.
    """

    task: Task
    pairs: Pairs
    samples: Pairs
    card: Mapping[str, Any]
    fingerprints: Callable[[], Iterable[tuple[str, np.ndarray]]]
    figures: Callable[[Task, float], Mapping[str, float]]
    steps: int = 100_000
    batch: int = 8
    core_seconds: float | None = None


@dataclass(frozen=True)
class Schedule:
    """Length of a training and size of its batches.

    Parameters
    ----------
    steps, batch
        Number of updates, and pairs in each over all devices.
    accumulate
        Micro-batches per batch, for devices with too little memory for a whole one.
    seconds, core_seconds
        Budgets over all sessions in wall-clock time, and in seconds that processor cores work for the training (on a
        GPU those are wall-clock too); None for no limit. The learning rate follows steps or budgets, whichever is
        furthest on.
    save_every
        Seconds between checkpoints.
    """

    steps: int
    batch: int = 4
    accumulate: int = 1
    seconds: float | None = None
    core_seconds: float | None = None
    save_every: float = 120.0

    def progress(self, step: int, elapsed: float, core_seconds: float) -> float:
        """Return the fraction of the training that is done, in [0, 1]."""
        by_time = elapsed / self.seconds if self.seconds else 0.0
        by_work = core_seconds / self.core_seconds if self.core_seconds else 0.0
        return min(1.0, max(step / self.steps, by_time, by_work))

    @property
    def closing_seconds(self) -> float:
        """How long calibrating and measuring at the end may take each: a quarter of the budget."""
        return (self.seconds or self.core_seconds or math.inf) / 4


@dataclass(frozen=True)
class Hardware:
    """Devices, precision and loader processes of a training.

    Parameters
    ----------
    device
        `cpu`, `cuda`, or `auto`.
    devices
        Number of devices.
    precision
        `32-true`, `bf16-mixed`, or `auto`: bf16-mixed where bf16 is fast.
    loaders
        Processes per device that make pairs.
    """

    device: str = "auto"
    devices: int = 1
    precision: str = "auto"
    loaders: int = 0


@dataclass(frozen=True)
class Report:
    """Progress of a training since the last report.

    Attributes
    ----------
    step, steps, progress
        Steps taken, their maximum, and the fraction of the training that is done.
    elapsed, left
        Seconds spent over all sessions, and seconds left at this pace.
    data_wait
        Fraction of the time that the networks waited for pairs.
    losses
        Means by name.
    """

    step: int
    steps: int
    progress: float
    elapsed: float
    left: float
    data_wait: float
    losses: Mapping[str, float]


@dataclass(frozen=True)
class Trained:
    """State of a training at its end: steps, seconds of time and of cores over all sessions, and hardware.

    Attributes
    ----------
    hardware
        Processor or accelerator, number of devices and precision.
    memory_bytes
        Peak memory on an accelerator; 0 on a CPU.
    is_first
        Whether this process is the one that writes files.
    """

    step: int
    elapsed: float
    core_seconds: float
    hardware: str = ""
    memory_bytes: int = 0
    is_first: bool = True
