"""The training recipe of the simulator `S`, and the figures of its card."""

import hashlib
import itertools
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch

from usbench import registry
from usbench.core.errors import UsageError
from usbench.core.rng import generator
from usbench.core.simulator import Simulator
from usbench.training.contracts import Recipe, Task

from .bmode_frames import BmodeFrames, is_held_out, patient
from .likeness import flat_windows, likeness
from .lrr import low_radiometric_resolution
from .pairs import ImagePool
from .recipes import all_files, digest
from .simulator_pairs import SimulatorPairs, styles_of
from .simulator_task import SimulatorObjective, SpeckleGan
from .style import Style, style_planes

RATE, CRITIC_RATE = 1e-3, 2e-3
STEPS, BATCH = 1500, 4
STYLES = 400  # real images from which styles are taken
SHOWN_STYLES = 200  # styles of a card
REAL_CROPS = 260  # held-out crops in which real windows are found
WINDOWS_EACH = 4
SLICES_EACH = 2  # of each held-out person
JUDGED_SIDE = 256  # pixels
COMPARED = ("psf", "processed", "rayleigh")


def simulator_recipe(
    folders: Mapping[str, Sequence[Path]], width: int, objective: SimulatorObjective, *, crop: int
) -> Recipe:
    """Return the recipe of `S`, which learns from real B-mode and from MRI slices that it is to paint on.

    One patient in five is held out, of B-mode as of MRI (see `is_held_out`), for the progress pictures and the figures
    of the card. Without `bmode`, pictures of the suite's phantom under `processed` take its place: such an `S` shows
    that the training runs. Without `mri`, the suite's own slices are painted on.

    Parameters
    ----------
    folders
        Folders or files of `bmode` and `mri`.
    width
        Of the network; see `SpeckleUnet`.
    objective
        Weights of the losses.
    crop
        Height and width of a pair in pixels.

    Raises
    ------
    UsageError
        If there are too few B-mode images to hold out some.
    """
    learning, unseen = (simulator_pairs(folders, crop, held_out=held_out) for held_out in (False, True))
    return Recipe(
        task=SpeckleGan(width, objective, RATE, CRITIC_RATE),
        pairs=learning,
        samples=unseen,
        card={
            "network": "speckle-unet",
            "width": width,
            "crop": crop,
            "objective": asdict(objective),
            "learning_rate": RATE,
            "critic_rate": CRITIC_RATE,
            "seed": 0,
            "folders": {kind: digest(all_files(given)) for kind, given in folders.items()},
            "held_out": digest(_files(folders, "bmode", held_out=True)),
            "styles": _listed(styles_of(learning, STYLES, "styles")),
        },
        fingerprints=partial(_pictures, learning),
        figures=partial(likeness_figures, unseen),
        steps=STEPS,
        batch=BATCH,
    )


def simulator_pairs(folders: Mapping[str, Sequence[Path]], crop: int, *, held_out: bool) -> SimulatorPairs:
    """Return the pairs of the patients that are held out, or of the others; see `simulator_recipe`."""
    split = "val" if held_out else "train"
    bmode, mri = (_files(folders, kind, held_out) for kind in ("bmode", "mri"))
    frames = BmodeFrames.of_files(bmode) if folders.get("bmode") else _stand_in(split)
    if not frames.patients:
        raise UsageError("There are too few B-mode images to hold out one patient in five.")
    sources = [] if folders.get("mri") else [registry.load_dataset("mri", split=split)]
    return SimulatorPairs(frames, ImagePool(mri, sources), crop)


def _files(folders: Mapping[str, Sequence[Path]], kind: str, held_out: bool) -> list[Path]:
    return [file for file in all_files(folders.get(kind, ())) if is_held_out(file) == held_out]


def _stand_in(split: str) -> BmodeFrames:
    dataset = registry.load_dataset("phantom[count=8]+processed", split=split)

    def read(number: int) -> list[np.ndarray]:
        return [np.round(dataset[number].image * 255).astype(np.uint8)]

    return BmodeFrames({str(number): [partial(read, number)] for number in range(len(dataset))})


def _listed(styles: Sequence[Style]) -> list[list[float]]:
    return [[round(value, 3) for value in asdict(style).values()] for style in styles[:SHOWN_STYLES]]


def _pictures(pairs: SimulatorPairs) -> Iterator[tuple[str, np.ndarray]]:
    for name, image in pairs.frames.images():
        yield f"bmode/{name}", image.astype(np.float32) / 255
    for number, name in enumerate(pairs.slices.names()):
        yield f"mri/{name}", pairs.slices[number].astype(np.float32) / 255


def likeness_figures(unseen: SimulatorPairs, task: Task, seconds: float = math.inf) -> dict[str, float]:
    """Return `likeness` of what a trained `S` paints on MRI slices of held-out people, in styles of held-out frames.

    Those of other simulators follow, under their names, as far as `seconds` allow.
    """
    began = time.monotonic()
    styles = styles_of(unseen, STYLES, "styles of held-out frames")

    def paint(image: np.ndarray, number: int) -> np.ndarray:
        name = hashlib.sha256(image.tobytes()).hexdigest()
        style = styles[int(generator("likeness", name, max(1, number)).integers(len(styles)))]
        drawing = generator("likeness", name, "drawing", number)
        planes = style_planes(low_radiometric_resolution(image), style.on_picture(), drawing)
        return task.estimate(torch.from_numpy(planes)[None])[0, 0].float().numpy()

    real, slices = real_windows(unseen), held_out_slices(unseen.slices)
    figures = likeness(real, slices, paint)
    for name in COMPARED:
        if time.monotonic() - began > seconds:
            break
        simulator = registry.load_simulator(name)

        def simulated(image: np.ndarray, number: int, simulator: Simulator = simulator) -> np.ndarray:
            digest = hashlib.sha256(image.tobytes()).hexdigest()
            return simulator.simulate(image, generator("likeness", digest, number)).image

        figures |= {f"{name} {figure}": value for figure, value in likeness(real, slices, simulated).items()}
    return figures


def real_windows(pairs: SimulatorPairs) -> list[np.ndarray]:
    """Return flat windows of real frames, under conditions from which all speckle has been removed."""
    windows = []
    for number in range(REAL_CROPS):
        condition, target, _ = pairs.conditioned(generator("real windows", number), version=-1)
        windows += [target[place] for place in flat_windows(condition, WINDOWS_EACH)]
    return windows


def held_out_slices(pool: ImagePool) -> list[np.ndarray]:
    """Return two slices of each person in a pool, without their black margins, float32 in [0, 1]."""
    people: dict[str, list[int]] = {}
    for number, name in enumerate(pool.names()):
        people.setdefault(patient(Path(name)), []).append(number)
    chosen = [numbers[:: max(1, len(numbers) // SLICES_EACH)][:SLICES_EACH] for numbers in people.values()]
    return [_without_margin(pool[number].astype(np.float32) / 255) for number in itertools.chain(*chosen)]


def _without_margin(image: np.ndarray) -> np.ndarray:
    rows, columns = (np.flatnonzero((image > 0.06).any(axis)) for axis in (1, 0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1][:JUDGED_SIDE, :JUDGED_SIDE]
