"""What the loop asks of a trainable plugin, and what it reports."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

Pair = tuple[np.ndarray, np.ndarray]
Batch = tuple[torch.Tensor, torch.Tensor]


class Pairs(Protocol):
    """An endless supply of training pairs, each a function of its number alone."""

    def __call__(self, index: int) -> Pair:
        """Return (input, target) number `index`: float32 in [0, 1], input (H, W) or (C, H, W), target (H, W)."""


class Task(Protocol):
    """What is trained: networks, optimisers and one step."""

    networks: dict[str, nn.Module]
    optimisers: dict[str, torch.optim.Optimizer]

    def step(
        self, parts: Sequence[Batch], number: int, progress: float, backward: Callable[..., None]
    ) -> dict[str, float]:
        """Update the networks once, on a batch that comes in parts; return the losses by name.

        Parameters
        ----------
        parts
            Each (source, target), (B, C, H, W) and (B, 1, H, W) in [0, 1]; gradients are summed over them.
        number, progress
            Steps taken so far, and the part of the training that is done, in [0, 1].
        backward
            Called with a loss in place of `loss.backward()`.
        """

    def estimate(self, source: torch.Tensor) -> torch.Tensor:
        """Return the output of the weights that would be shipped, for pictures of the progress."""

    def calibrate_batch_norm(self, sources: Iterable[torch.Tensor]) -> None:
        """Measure the batch-norm statistics of the weights to be shipped on batches that training has not seen."""

    def start_from(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Take weights that were trained before instead of random ones."""

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the state dict that would be shipped."""


@dataclass(frozen=True)
class Recipe:
    """All that `usbench train NAME` needs to know of a trainable plugin, which offers it as a class method `recipe`.

    Attributes
    ----------
    task, pairs
        What is trained, and on what.
    samples
        Pairs that training never sees: pictures of the progress show the first four.
    card
        Written beside the weights: the network's size, the training data, the losses.
    fingerprints
        Yields (name, image) of every training image, for the list by which leaks into test sets are found.
    figures
        Called with the task after training; returns what the weights reach on data that training never saw.
    """

    task: Task
    pairs: Pairs
    samples: Pairs
    card: Mapping[str, Any]
    fingerprints: Callable[[], Iterable[tuple[str, np.ndarray]]]
    figures: Callable[[Task], Mapping[str, float]]


@dataclass(frozen=True)
class Schedule:
    """How long to train, and in what portions.

    Parameters
    ----------
    steps, batch
        Updates in all, and pairs in each, over all devices.
    accumulate
        Parts into which each batch is cut, for devices that cannot hold it at once.
    seconds
        Wall-clock budget over all sessions of this run; None for no limit. The learning rate follows whichever of
        steps and seconds is further on.
    save_every
        Seconds between checkpoints.
    """

    steps: int
    batch: int = 4
    accumulate: int = 1
    seconds: float | None = None
    save_every: float = 120.0

    def progress(self, step: int, elapsed: float) -> float:
        """Return how much of the training is done, in [0, 1]."""
        by_time = elapsed / self.seconds if self.seconds else 0.0
        return min(1.0, max(step / self.steps, by_time))


@dataclass(frozen=True)
class Hardware:
    """Where to train.

    Parameters
    ----------
    device
        `cpu`, `cuda`, or `auto`.
    devices
        How many of them.
    precision
        `32-true`, `bf16-mixed`, or `auto`: the latter where the device computes in bf16.
    loaders
        Processes per device that make pairs.
    """

    device: str = "auto"
    devices: int = 1
    precision: str = "auto"
    loaders: int = 0


@dataclass(frozen=True)
class Report:
    """How a training goes, over the steps since the last report.

    Attributes
    ----------
    step, steps, progress
        Steps taken, the most there can be, and the part of the training that is done, in [0, 1].
    elapsed, left
        Seconds spent over all sessions, and those to go at this pace.
    data_wait
        Part of the time in which the networks waited for pairs, in [0, 1].
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
    """How far a training is: steps taken, seconds spent on them over all sessions, and on what.

    Attributes
    ----------
    hardware
        Processor or accelerator, number of devices and precision.
    memory_bytes
        Most memory held on an accelerator; 0 on a CPU.
    is_first
        Whether this process is the one of several that writes files.
    """

    step: int
    elapsed: float
    hardware: str = ""
    memory_bytes: int = 0
    is_first: bool = True
