"""Export the weights of a training with their card."""

import shutil
from pathlib import Path
from typing import Any

from usbench.io.atomic_write import staged
from usbench.weights.leakage import CARD_KEY, write_fingerprints
from usbench.weights.shards import save_weights

from .contracts import Recipe, Schedule, Trained
from .journal import LOG


def export(recipe: Recipe, schedule: Schedule, trained: Trained, training: Path, name: str) -> Path:
    """Write the shipped files of a training to its subfolder `weights`, and return the card's path.

    These are the weights, their card, the loss curves (`NAME.curve.csv`) and the fingerprints of the training images.
    """
    folder = training / "weights"
    card: dict[str, Any] = {
        **recipe.card,
        "name": name,
        "steps": trained.step,
        "batch": schedule.batch,
        "images_seen": trained.step * schedule.batch,
        "seconds": round(trained.elapsed),
        "steps_per_second": round(trained.step / trained.elapsed, 2) if trained.elapsed else 0.0,
        "hardware": trained.hardware,
        "figures": dict(recipe.figures(recipe.task)),
    }
    if trained.memory_bytes:
        card["memory_gib"] = round(trained.memory_bytes / 2**30, 2)
    with staged(folder) as stage:
        card[CARD_KEY] = write_fingerprints(stage / f"{name}.training.txt", recipe.fingerprints())
        shutil.copyfile(training / LOG, stage / f"{name}.curve.csv")
        return folder / save_weights(stage, name, recipe.task.weights(), card).name
