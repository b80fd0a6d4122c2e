"""Checkpoints of a training."""

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from usbench.core.errors import UsageError
from usbench.io.atomic_write import write_whole

from .contracts import Task


@dataclass
class State:
    """State of a training besides its networks and optimisers.

    Attributes
    ----------
    step, elapsed, core_seconds
        Steps taken, and seconds of time and of processor cores spent on them.
    sums, counts
        Sums and counts of the losses since the last report.
    """

    step: int = 0
    elapsed: float = 0.0
    core_seconds: float = 0.0
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def restore(task: Task, checkpoint: Path) -> State:
    """Load networks and optimisers from a checkpoint, if there is one, and return the state of the training.

    Raises
    ------
    UsageError
        If the checkpoint is damaged or of another network.
    """
    if not checkpoint.is_file():
        return State()
    try:
        saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
        for name, network in task.networks.items():
            network.load_state_dict(saved["networks"][name])
        for name, optimiser in task.optimisers.items():
            optimiser.load_state_dict(saved["optimisers"][name])
            for group, rate in zip(optimiser.param_groups, saved["rates"][name], strict=True):
                group["lr"] = rate
        sums, counts = dict(saved.get("sums", {})), dict(saved.get("counts", {}))
        core_seconds = float(saved.get("core_seconds", saved["elapsed"]))
        return State(int(saved["step"]), float(saved["elapsed"]), core_seconds, sums, counts)
    except (RuntimeError, KeyError, ValueError, EOFError, OSError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"The checkpoint {checkpoint} is of another network or damaged: {reason}") from None


def save(task: Task, checkpoint: Path, state: State, rates: Mapping[str, list[float]]) -> None:
    """Write a checkpoint atomically: if the process is killed, the previous one is kept."""
    content = {
        "step": state.step,
        "elapsed": state.elapsed,
        "core_seconds": state.core_seconds,
        "sums": state.sums,
        "counts": state.counts,
        "rates": dict(rates),
        "networks": {name: _plain(network).state_dict() for name, network in task.networks.items()},
        "optimisers": {name: _plain(optimiser).state_dict() for name, optimiser in task.optimisers.items()},
    }
    stream = io.BytesIO()
    torch.save(content, stream)
    write_whole(checkpoint, stream.getvalue())


def _plain(wrapped: Any) -> Any:
    """Return the module or optimiser in a wrapper of Fabric."""
    return getattr(wrapped, "module", getattr(wrapped, "optimizer", wrapped))
