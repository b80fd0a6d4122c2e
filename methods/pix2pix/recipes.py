"""Training recipes of `D` and `S`: networks, losses, pairs, and the card of the weights."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from usbench import registry
from usbench.core.errors import UsageError
from usbench.core.simulator import Simulator
from usbench.io import image_files
from usbench.training.contracts import Pairs, Recipe, Task
from usbench.weights.shards import file_hash

from .generator import build_generator
from .lrr import low_resolution_input
from .pairs import DespecklerPairs, ImagePool, SimulatorPairs, is_held_out
from .speckle_statistics import compare_speckle
from .task import Objective, Pix2Pix

# More training samples than the defaults, which are chosen for tests.
TRAINING_OPTIONS: dict[str, dict[str, Any]] = {
    "mri": {"template": 17, "redrawn": 800},
    "phantom": {"count": 400},
    "shapes": {"count": 4096},
    "carotid": {"count": 150},
    "fetal-head": {"count": 150},
    "muscle": {"count": 150},
}
JUDGED = 16  # images of each validation set on which the figures of a card are measured
JUDGED_BY = ("psnr", "psnr_affine", "ssim")
STAND_IN = ("phantom[count=40]+varied", "mri[redrawn=20]+varied")
SIZE = 256  # pixels; crops of held-out images on which `S` is judged
BMODE = "bmode"  # the user's folders of real B-mode


def gan_recipe(
    training_sets: Sequence[str],
    network: Mapping[str, Any],
    objective: Objective,
    *,
    crop: int,
    folders: Mapping[str, Sequence[Path]],
    zoomed: bool = True,
    learning_rate: float = 5e-4,
    critic_width: int = 16,
) -> Recipe:
    """Return the recipe of a despeckling GAN.

    Parameters
    ----------
    training_sets, crop, folders, zoomed
        See `despeckler_recipe`.
    network
        Description of the generator; see `build_generator`.
    objective, learning_rate, critic_width
        See `Pix2Pix`.
    """
    beta1 = 0.5 if network["network"] == "unet-256" else 0.9
    task = Pix2Pix(build_generator(network), critic_width, objective, learning_rate, beta1)
    about = {**network, "objective": asdict(objective), "learning_rate": learning_rate, "critic_width": critic_width}
    return despeckler_recipe(training_sets, task, about, crop=crop, folders=folders, zoomed=zoomed)


def despeckler_recipe(
    training_sets: Sequence[str],
    task: Task,
    about: Mapping[str, Any],
    *,
    crop: int,
    folders: Mapping[str, Sequence[Path]],
    zoomed: bool = True,
    pairs: Callable[[DespecklerPairs], Pairs] = lambda speckled_and_clean: speckled_and_clean,
    takes_real: bool = False,
) -> Recipe:
    """Return the recipe of a despeckler that learns from simulated speckle and, if `takes_real`, from real B-mode.

    Parameters
    ----------
    training_sets
        Names `source+simulator`. Each gives an equal share of the pairs; one that is named twice gives two shares. With
        `takes_real`, also names of real data sets; the `bmode` folders, if any, are one more set.
    task
        The training step.
    about
        Entries of the card on network and objective.
    crop, zoomed
        See `DespecklerPairs`.
    folders
        Folders of further clean images, by source.
    pairs
        Converts the pairs (speckled, clean) for methods that see no clean image.
    takes_real
        Whether the method needs no clean images, so that it can learn from real B-mode.

    Raises
    ------
    UsageError
        If a set is not so named, has no images, or is real B-mode for a method that needs clean images.
    """
    files = {source: all_files(given) for source, given in folders.items()}
    pools: dict[str, ImagePool] = {}
    learning: list[tuple[ImagePool, Simulator | None]] = []
    unseen: list[tuple[ImagePool, Simulator | None]] = []
    simulated = [name for name in training_sets if "+" in name]
    if not simulated:
        raise UsageError(f"{' '.join(training_sets)!r} holds nothing to validate on; expected source+simulator.")
    for training_set in [*training_sets, *([BMODE] if BMODE in files else [])]:
        source, _, name = training_set.partition("+")
        simulator = registry.load_simulator(name) if name else None
        if simulator is None and not takes_real:
            raise UsageError(f"It learns from clean images, and {training_set!r} has none; expected source+simulator.")
        if source not in pools:
            pools[source] = _pool(source, files.get(source, []))
        learning.append((pools[source], simulator))
        if simulator is not None:
            unseen.append((ImagePool(sources=[registry.load_dataset(source, split="val")]), simulator))
    return Recipe(
        task=task,
        pairs=pairs(DespecklerPairs(learning, crop, zoomed)),
        samples=DespecklerPairs(unseen, SIZE, zoomed=False),
        card={
            **about,
            "products": list(training_sets),
            "crop": crop,
            "zoomed": zoomed,
            "seed": 0,
            "folders": {source: digest(found) for source, found in files.items()},
        },
        fingerprints=partial(_pictures, list(pools.items())),
        figures=partial(_despeckling_figures, list(dict.fromkeys(simulated))),
    )


def _pool(source: str, files: Sequence[Path]) -> ImagePool:
    """Return the training images of a source: the user's files, and the train split of the data set of this name."""
    sources = []
    if source != BMODE:
        sources = [registry.load_dataset(source, split="train", **TRAINING_OPTIONS.get(source, {}))]
    pool = ImagePool(files, sources)
    if not len(pool):
        raise UsageError(f"{source} has no images to train on.")
    return pool


def simulator_recipe(
    folders: Sequence[Path], network: Mapping[str, Any], objective: Objective, *, crop: int, critic_width: int = 32
) -> Recipe:
    """Return the recipe of `S`, which learns from real B-mode images.

    One patient in five is held out (see `is_held_out`) for the progress pictures and the figures of the card. Without
    folders, simulated ultrasound takes the place of real data: such an `S` shows that the training runs, and imitates a
    simulator.
    """
    files = all_files(folders)
    if files:
        learning = ImagePool([file for file in files if not is_held_out(file)])
        unseen = ImagePool([file for file in files if is_held_out(file)])
        if not len(learning) or not len(unseen):
            raise UsageError(f"{len(files)} B-mode images are too few to hold out one patient in five.")
    else:
        learning, unseen = (_simulated(split) for split in ("train", "val"))
    return Recipe(
        task=Pix2Pix(build_generator(network), critic_width, objective, learning_rate=5e-4),
        pairs=SimulatorPairs(learning, crop),
        samples=SimulatorPairs(unseen, SIZE),
        card={
            **network,
            "crop": crop,
            "objective": asdict(objective),
            "learning_rate": 5e-4,
            "critic_width": critic_width,
            "seed": 0,
            "simulated": [] if files else list(STAND_IN),
            "folders": {"bmode": digest(learning.files)},
            "held_out": digest(unseen.files),
        },
        fingerprints=partial(_pictures, [("bmode", learning)]),
        figures=partial(_simulation_figures, unseen),
    )


def _simulated(split: str) -> ImagePool:
    return ImagePool(sources=[registry.load_dataset(name, split=split) for name in STAND_IN])


def _pictures(pools: Sequence[tuple[str, ImagePool]]) -> Iterator[tuple[str, np.ndarray]]:
    for source, pool in pools:
        for number, name in enumerate(pool.names()):
            yield f"{source}/{name}", pool[number].astype(np.float32) / 255


def _despeckling_figures(sets: Sequence[str], task: Task) -> dict[str, float]:
    """Return means over validation images, by `set metric`."""
    import torch

    figures = {}
    for name in sets:
        dataset = registry.load_dataset(name, split="val")
        samples = [dataset[number] for number in range(min(JUDGED, len(dataset)))]
        for judged_by in JUDGED_BY:
            metric = registry.load_metric(judged_by)
            values = [
                metric(task.estimate(torch.from_numpy(sample.image)[None, None])[0, 0].numpy(), sample)
                for sample in samples
            ]
            figures[f"{name} {judged_by}"] = round(float(np.mean(values)), 4)
    return figures


def _simulation_figures(held_out: ImagePool, task: Task) -> dict[str, float]:
    """Compare the speckle of held-out images with that simulated from their low-resolution versions."""
    import torch

    from usbench.core.rng import generator

    real, simulated = [], []
    for number in range(len(held_out)):
        image = _middle(held_out[number].astype(np.float32) / 255)
        source = torch.from_numpy(low_resolution_input(image, generator("gan-s figures", number)))[None]
        real.append(image)
        simulated.append(task.estimate(source)[0, 0].numpy())
    return {name: round(value, 4) for name, value in compare_speckle(real, simulated).items()}


def _middle(image: np.ndarray) -> np.ndarray:
    top, left = (max(0, (extent - SIZE) // 2) for extent in image.shape)
    return image[top : top + SIZE, left : left + SIZE]


def all_files(folders: Sequence[Path]) -> list[Path]:
    """Return the images in folders and below them."""
    return [file for folder in folders for file in image_files(folder)]


def digest(files: Sequence[Path]) -> dict[str, Any]:
    """Return the number of files and a hash of their contents that does not depend on their order."""
    total = hashlib.sha256("".join(sorted(file_hash(file) for file in files)).encode())
    return {"count": len(files), "sha256": total.hexdigest() if files else ""}
