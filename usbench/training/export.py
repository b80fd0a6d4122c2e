"""From a finished training to weights with a card."""

from pathlib import Path
from typing import Any

from usbench.weights import save_weights

from .contracts import Recipe, Schedule, Trained


def export(recipe: Recipe, schedule: Schedule, trained: Trained, folder: Path, name: str) -> Path:
    """Write the weights, their card, and the list of the training images' fingerprints; return the card's path."""
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
    return save_weights(folder, name, recipe.task.weights(), card)
