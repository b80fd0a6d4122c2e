"""From a finished training to weights with a card."""

from pathlib import Path
from typing import Any

from usbench.leakage import CARD_KEY, write_fingerprints
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
    folder.mkdir(parents=True, exist_ok=True)
    card[CARD_KEY] = write_fingerprints(folder / f"{name}.training.txt", recipe.fingerprints())
    return save_weights(folder, name, recipe.task.weights(), card)
