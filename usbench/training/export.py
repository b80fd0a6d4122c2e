"""Export the weights of a training with their card."""

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from usbench.io.atomic_write import staged
from usbench.weights.leakage import CARD_KEY, write_fingerprints
from usbench.weights.shards import save_weights

from .contracts import Recipe, Schedule, Trained
from .journal import LOG, SHOWN


def list_training_images(recipe: Recipe, training: Path, name: str) -> dict[str, Any]:
    """Write the fingerprints of the training images into the folder of a training, and return the card's entry."""
    with staged(training) as stage:
        return write_fingerprints(stage / f"{name}.training.txt", recipe.fingerprints())


def least_export_seconds(recipe: Recipe) -> float:
    """Return about how long an export takes at least, by some held-out pairs that are made and despeckled now."""
    began = time.monotonic()
    for number in range(SHOWN):
        source, _ = recipe.samples(number)
        recipe.task.estimate(torch.from_numpy(source if source.ndim == 3 else source[None])[None])
    return time.monotonic() - began


def export(
    recipe: Recipe, schedule: Schedule, trained: Trained, training: Path, name: str, listed: Mapping[str, Any]
) -> Path:
    """Write the shipped files of a training to its subfolder `weights`, and return the card's path.

    These are the weights, their card, the loss curves (`NAME.curve.csv`) and the fingerprints of the training images,
    `listed` by `list_training_images`. Figures of a training with a time limit are of as many images as can be judged
    in a quarter of it; the card says of how many.
    """
    folder = training / "weights"
    card: dict[str, Any] = {
        **recipe.card,
        "name": name,
        "steps": trained.step,
        "batch": schedule.batch,
        "images_seen": trained.step * schedule.batch,
        "seconds": round(trained.elapsed),
        "core_seconds": round(trained.core_seconds),
        "steps_per_second": round(trained.step / trained.elapsed, 2) if trained.elapsed else 0.0,
        "hardware": trained.hardware,
        "figures": dict(recipe.figures(recipe.task, schedule.closing_seconds)),
        CARD_KEY: dict(listed),
    }
    if trained.memory_bytes:
        card["memory_gib"] = round(trained.memory_bytes / 2**30, 2)
    with staged(folder) as stage:
        shutil.copyfile(training / listed["file"], stage / listed["file"])
        shutil.copyfile(training / LOG, stage / f"{name}.curve.csv")
        return folder / save_weights(stage, name, recipe.task.weights(), card).name
