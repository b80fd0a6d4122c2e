"""How `D` and `S` are trained: network sizes, pairs, and the card that goes with the weights."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from usbench import registry
from usbench.errors import UsageError
from usbench.training import Recipe
from usbench.weights import file_hash

from .pairs import DespecklerPairs, ImagePool, SimulatorPairs, image_files
from .task import Pix2Pix

REDRAWN_SLICES = 600


def despeckler_recipe(images: Path | None, width: int, critic_width: int, products: Sequence[str]) -> Recipe:
    """Return the recipe of `D`.

    Parameters
    ----------
    images
        A folder of further natural images, added to scikit-image's own train split; or None.
    width, critic_width
        Channels of the first layers; 64 and 64 in the paper.
    products
        `source+simulator` names; each gives an equal share of the pairs.
    """
    extra = image_files(images) if images else []
    pools = []
    for product in products:
        source, plus, simulator = product.partition("+")
        if not plus:
            raise UsageError(f"{product!r} is not a training product; expected source+simulator.")
        options: dict[str, Any] = {"template": 17, "redrawn": REDRAWN_SLICES} if source == "mri" else {}
        pool = ImagePool(
            extra if source == "natural" else [], [registry.load_dataset(source, split="train", **options)]
        )
        pools.append((pool, simulator))
    card = {"width": width, "critic_width": critic_width, "products": list(products), "extra_images": _digest(extra)}
    return Recipe(Pix2Pix(width, critic_width), DespecklerPairs(pools), card)


def simulator_recipe(images: Path | None, width: int, critic_width: int, l1_weight: float) -> Recipe:
    """Return the recipe of `S`, which learns from a folder of real B-mode images."""
    if images is None:
        raise UsageError("gan-s learns from real B-mode: name a folder of images with --images.")
    files = image_files(images)
    card = {"width": width, "critic_width": critic_width, "l1_weight": l1_weight, "images": _digest(files)}
    task = Pix2Pix(width, critic_width, l1_weight=l1_weight, average_decay=0.95)
    return Recipe(task, SimulatorPairs(ImagePool(files)), card)


def _digest(files: Sequence[Path]) -> dict[str, Any]:
    """Return how many files there are and a hash over their contents, in the order of their names."""
    total = hashlib.sha256("".join(file_hash(file) for file in files).encode())
    return {"count": len(files), "sha256": total.hexdigest() if files else ""}
