"""Training recipes of despecklers: networks, losses, pairs, and the card of the weights."""

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from usbench import registry
from usbench.core.errors import UsageError
from usbench.io import image_files
from usbench.training.contracts import Pairs, Recipe, Task
from usbench.weights.shards import file_hash

from .bmode_frames import is_held_out
from .gan_d_pairs import gan_d_pairs, pictures, products
from .generator import build_generator
from .lesion_pairs import LesionPairs, WithoutLesions
from .pairs import DespecklerPairs, ImagePool, InTurn, Source
from .regression import Objective
from .task import Pix2Pix

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
SIZE = 256  # pixels; of the held-out pairs
JUDGED_ON = ("natural+rayleigh", "mri+gan-s", "carotid+psf", "carotid+psf[axial=2.2,lateral=4]")  # of `gan-d`'s pairs
GAN_D = "gan-d"  # stands for the pairs of `gan-d`
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
    pairs: Callable[[Source], Pairs] = lambda speckled_and_clean: speckled_and_clean,
    takes_real: bool = False,
    core_seconds: float | None = None,
) -> Recipe:
    """Return the recipe of a despeckler that learns from simulated speckle and, if `takes_real`, from real B-mode.

    Parameters
    ----------
    training_sets
        `gan-d` for the pairs of `gan-d`, or names `source+simulator`. Each gives an equal share of the pairs; one that
        is named twice gives two shares. With `takes_real`, also names of real data sets; the `bmode` folders, if any,
        are one more set. Without it they are of use to `gan-d`'s pairs alone.
    task
        The training step.
    about
        Entries of the card on network and objective.
    crop, zoomed
        See `DespecklerPairs`.
    folders
        Folders of further clean images, by source; one person in five is held out.
    pairs
        Converts the pairs (speckled, clean) for methods that see no clean image.
    takes_real
        Whether the method needs no clean images, so that it can learn from real B-mode.
    core_seconds
        Budget of the shipped weights; see `usbench.training.contracts.Schedule`.

    Raises
    ------
    UsageError
        If a set is not so named, has no images, or is real B-mode for a method that needs clean images.
    """
    if not any(name == GAN_D or "+" in name for name in training_sets):
        raise UsageError(f"{' '.join(training_sets)!r} holds nothing to validate on; expected source+simulator.")
    files = {source: all_files(given) for source, given in folders.items()}
    learning: list[Source] = []
    unseen: list[Source] = []
    sets: list[str] = []
    pools: dict[str, ImagePool] = {}
    shared: list[LesionPairs] = []
    real = [BMODE] if BMODE in files and (takes_real or GAN_D not in training_sets) else []
    for training_set in [*training_sets, *real]:
        source, _, name = training_set.partition("+")
        simulator = registry.load_simulator(name) if name else None
        if training_set == GAN_D:
            shared = shared or [gan_d_pairs(files, size, held_out) for size, held_out in ((crop, False), (SIZE, True))]
            learning.append(WithoutLesions(shared[0]))
            unseen.append(WithoutLesions(shared[1]))
            sets += products(shared[0])
            continue
        if simulator is None and not takes_real:
            raise UsageError(f"It learns from clean images, and {training_set!r} has none; expected source+simulator.")
        if source not in pools:
            pools[source] = _pool(source, [file for file in files.get(source, []) if not is_held_out(file)])
        learning.append(DespecklerPairs([(pools[source], simulator)], crop, zoomed))
        sets.append(training_set)
        if simulator is not None:
            own = ImagePool(sources=[registry.load_dataset(source, split="val")])
            unseen.append(DespecklerPairs([(own, simulator)], SIZE, zoomed=False))
    judged_on = [*(JUDGED_ON if shared else ()), *(name for name in training_sets if "+" in name)]
    return Recipe(
        task=task,
        pairs=pairs(InTurn(learning)),
        samples=InTurn(unseen),
        card={
            **about,
            "products": list(dict.fromkeys(sets)) if shared else sets,
            "crop": crop,
            "zoomed": zoomed,
            "seed": 0,
            "folders": {source: digest(found) for source, found in files.items()},
        },
        fingerprints=partial(_pictures, list(pools.items()), shared[:1]),
        figures=partial(despeckling_figures, list(dict.fromkeys(judged_on))),
        core_seconds=core_seconds,
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


def _pictures(
    pools: Sequence[tuple[str, ImagePool]], shared: Sequence[LesionPairs]
) -> Iterator[tuple[str, np.ndarray]]:
    for pairs in shared:
        yield from pictures(pairs)
    for source, pool in pools:
        for number, name in enumerate(pool.names()):
            yield f"{source}/{name}", pool[number].astype(np.float32) / 255


def despeckling_figures(sets: Sequence[str], task: Task, seconds: float = math.inf) -> dict[str, float]:
    """Return means over validation images, by `set metric`.

    An image of each set is judged, then another, up to 16 of each or until `seconds` are over; `set images` then says
    how many there were.
    """
    began = time.monotonic()
    metrics = [registry.load_metric(name) for name in JUDGED_BY]
    datasets = {name: registry.load_dataset(name, split="val") for name in sets}
    scores: dict[str, list[list[float]]] = {name: [] for name in sets}
    for number in range(JUDGED):
        for name, dataset in datasets.items():
            if number < len(dataset) and (number == 0 or time.monotonic() - began < seconds):
                sample = dataset[number]
                made = task.estimate(torch.from_numpy(sample.image)[None, None])[0, 0].numpy()
                scores[name].append([metric(made, sample) for metric in metrics])
    figures: dict[str, float] = {}
    for name, found in scores.items():
        means = zip(JUDGED_BY, np.mean(found, axis=0), strict=True)
        figures |= {f"{name} {metric}": round(float(mean), 4) for metric, mean in means}
        if len(found) < min(JUDGED, len(datasets[name])):
            figures[f"{name} images"] = len(found)
    return figures


def all_files(folders: Sequence[Path]) -> list[Path]:
    """Return the images in folders and below them."""
    return [file for folder in folders for file in image_files(folder)]


def digest(files: Sequence[Path]) -> dict[str, Any]:
    """Return the number of files and a hash of their contents that does not depend on their order."""
    total = hashlib.sha256("".join(sorted(file_hash(file) for file in files)).encode())
    return {"count": len(files), "sha256": total.hexdigest() if files else ""}
