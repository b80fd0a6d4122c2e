"""Train a small network on argv[1] devices for 3 steps, in the folder argv[2]; the first process saves its weights."""

import sys
from pathlib import Path

import numpy as np
import torch
from usbench.methods.pix2pix.generator import build_generator
from usbench.methods.pix2pix.regression import Objective
from usbench.methods.pix2pix.task import Pix2Pix

from usbench.training.contracts import Hardware, Recipe, Schedule
from usbench.training.loop import fit


def pairs(index: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(index)
    target = rng.random((64, 64), dtype=np.float32)
    return np.clip(target * 0.9, 0, 1), target


def main() -> None:
    torch.set_num_threads(1)
    network = build_generator({"network": "residual-unet", "width": 4, "blocks": 1})
    task = Pix2Pix(network, 2, Objective(adversarial=0), average_decay=0.5)
    recipe = Recipe(task, pairs, pairs, {}, lambda: [], lambda *_: {})
    hardware = Hardware("cpu", devices=int(sys.argv[1]), precision="32-true")
    trained = fit(recipe, Schedule(steps=3, batch=4), Path(sys.argv[2]), hardware)
    if trained.is_first:
        torch.save(task.weights(), sys.argv[2] + ".pt")


main()
