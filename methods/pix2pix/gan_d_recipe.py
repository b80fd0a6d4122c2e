"""The training recipe of `gan-d`, and the figures of its card."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from usbench.training.contracts import Recipe

from .gan_d_pairs import gan_d_pairs, pictures, products
from .generator import build_generator
from .lesion_pairs import WithoutLesions
from .recipes import JUDGED_ON, all_files, despeckling_figures, digest
from .regression import Objective
from .task import Pix2Pix

BATCH = 4
CRITIC_WIDTH, BETA1 = 16, 0.9
AVERAGE_DECAY = 0.999
HELD_OUT_SIZE = 256  # pixels


def gan_d_recipe(
    folders: Mapping[str, Sequence[Path]],
    network: Mapping[str, Any],
    objective: Objective,
    *,
    crop: int,
    learning_rate: float,
    steps: int,
    core_seconds: float | None = None,
) -> Recipe:
    """Return the recipe of `gan-d`: a pix2pix GAN that learns from `LesionPairs`.

    Parameters
    ----------
    folders
        Folders of `mri` and `natural` images, beside the suite's own, and of real B-mode `bmode`. One person in five is
        held out of MRI and B-mode.
    network
        Description of the generator; see `build_generator`.
    objective, learning_rate
        See `Pix2Pix`.
    crop
        Height and width of a pair in pixels.
    steps, core_seconds
        Number of updates, and the work of cores after which the training ends if that is earlier.
    """
    files = {kind: all_files(given) for kind, given in folders.items()}
    learning, unseen = (gan_d_pairs(files, size, held_out) for size, held_out in ((crop, False), (HELD_OUT_SIZE, True)))
    generator = build_generator(network)
    return Recipe(
        task=Pix2Pix(generator, CRITIC_WIDTH, objective, learning_rate, BETA1, AVERAGE_DECAY),
        pairs=learning if objective.response else WithoutLesions(learning),
        samples=WithoutLesions(unseen),
        card={
            **network,
            "objective": asdict(objective),
            "learning_rate": learning_rate,
            "critic_width": CRITIC_WIDTH,
            "products": products(learning),
            "crop": crop,
            "seed": 0,
            "folders": {kind: digest(found) for kind, found in files.items()},
        },
        fingerprints=partial(pictures, learning),
        figures=partial(despeckling_figures, JUDGED_ON),
        steps=steps,
        core_seconds=core_seconds,
        batch=BATCH,
    )
