"""Pairs of a small image under speckle, and how much of the speckle a network removes that has learnt from them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from usbench.methods.deep.networks.unet import UnetNetwork
from usbench.methods.pix2pix.pairs import DespecklerPairs
from usbench.methods.pix2pix.regression import Objective, Regression

from usbench import registry
from usbench.training.contracts import Hardware, Pairs, Recipe, Schedule
from usbench.training.loop import fit

DEPTHS = np.repeat(np.arange(96, dtype=np.uint8)[:, None], 96, axis=1)  # grey is the depth
L2 = Objective(l1=0, l2=1, adversarial=0)
CPU = Hardware("cpu", precision="32-true")


class Tissue:
    """A pool of one image: of one tissue, or of four."""

    def __init__(self, *grey):
        self.image = np.kron(grey, np.ones((64, 64))).astype(np.uint8)

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return self.image


FOUR = Tissue([60, 130], [180, 100])


def supply(simulator: str, size: int = 64, pool=FOUR) -> DespecklerPairs:
    return DespecklerPairs([(pool, registry.load_simulator(simulator))], size, zoomed=False)


def mixture(size: int = 48) -> DespecklerPairs:
    """Pairs of which every other one is a real frame, darker than the clean images."""
    rayleigh = registry.load_simulator("rayleigh")
    return DespecklerPairs([([DEPTHS + 100], rayleigh), ([DEPTHS], None)], size, zoomed=False)


def error_left(task: type[Regression], pairs: Callable[[DespecklerPairs], Pairs], folder: Path) -> float:
    """Train a small U-Net and return its mean squared error on new images, as a part of that of its input.

    Speckle is independent from pixel to pixel.
    """
    speckled = supply("rayleigh", 32)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = task(UnetNetwork(4), L2, 5e-3, average_decay=0.9)
    recipe = Recipe(made, pairs(speckled), speckled, {}, lambda: [], lambda _: {})
    fit(recipe, Schedule(steps=120, batch=4), folder, CPU)
    before, after = [], []
    for index in range(1000, 1010):
        image, reference = speckled(index)
        before.append(((image - reference) ** 2).mean())
        result = made.estimate(torch.from_numpy(image)[None, None])[0, 0].numpy()
        after.append(((result - reference) ** 2).mean())
    return float(np.mean(after) / np.mean(before))
