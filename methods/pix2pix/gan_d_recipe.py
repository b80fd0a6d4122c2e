"""The training recipe of `gan-d`, and the figures of its card."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from usbench import registry
from usbench.training.contracts import Recipe

from .bmode_frames import is_held_out
from .generator import build_generator
from .lesion_pairs import LesionPairs, WithoutLesions
from .pairs import ImagePool
from .recipes import all_files, despeckling_figures, digest
from .task import Objective, Pix2Pix

STEPS, BATCH = 30_000, 4
CRITIC_WIDTH, BETA1 = 16, 0.9
AVERAGE_DECAY = 0.999
PRODUCTS = ("tissue+scanner", "mri+scanner", "natural+scanner", "mri+gan-s", "natural+rayleigh")
DRAWINGS = 6  # of `S`, for the reference of a pair
JUDGED_ON = ("natural+rayleigh", "mri+gan-s", "carotid+psf", "carotid+psf[axial=2.2,lateral=4]")
HELD_OUT_SIZE = 256  # pixels
OWN_IMAGES = {"mri": {"template": 17, "redrawn": 150}, "natural": {}}  # of the suite's sources


def gan_d_recipe(
    folders: Mapping[str, Sequence[Path]],
    network: Mapping[str, Any],
    objective: Objective,
    *,
    crop: int,
    learning_rate: float,
) -> Recipe:
    """Return the recipe of `gan-d`: a pix2pix GAN that learns from `LesionPairs`.

    Parameters
    ----------
    folders
        Folders of `mri` and `natural` images, beside the suite's own. One person in five is held out of the MRI.
    network
        Description of the generator; see `build_generator`.
    objective, learning_rate
        See `Pix2Pix`.
    crop
        Height and width of a pair in pixels.
    """
    files = {kind: all_files(given) for kind, given in folders.items()}
    learning, unseen = (_pairs(files, size, held_out) for size, held_out in ((crop, False), (HELD_OUT_SIZE, True)))
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
            "products": list(PRODUCTS),
            "crop": crop,
            "seed": 0,
            "folders": {kind: digest(found) for kind, found in files.items()},
        },
        fingerprints=partial(_pictures, learning),
        figures=partial(despeckling_figures, JUDGED_ON),
        steps=STEPS,
        batch=BATCH,
    )


def _pairs(files: Mapping[str, Sequence[Path]], size: int, held_out: bool) -> LesionPairs:
    """Return the pairs of training images, or of those that are held out."""
    split = "val" if held_out else "train"
    mri = [file for file in files.get("mri", ()) if is_held_out(file) == held_out]
    natural = [] if held_out else files.get("natural", ())
    own = {
        kind: registry.load_dataset(kind, split=split, **({} if held_out else options))
        for kind, options in OWN_IMAGES.items()
    }
    return LesionPairs(
        mri=ImagePool(mri, [own["mri"]]),
        natural=ImagePool(natural, [own["natural"]]),
        size=size,
        painter=registry.load_simulator("gan-s", drawings=DRAWINGS, exact=False),
        rayleigh=registry.load_simulator("rayleigh"),
    )


def _pictures(pairs: LesionPairs) -> Iterator[tuple[str, np.ndarray]]:
    for kind, pool in (("mri", pairs.mri), ("natural", pairs.natural)):
        for number, name in enumerate(pool.names()):
            yield f"{kind}/{name}", pool[number].astype(np.float32) / 255
