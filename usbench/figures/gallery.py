"""Pictures of some samples despeckled by every method, kept with the rows for the page."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from usbench.core.dataset import Dataset
from usbench.core.errors import StoreError, UsbenchError
from usbench.core.method import Method
from usbench.core.sample import Sample
from usbench.core.uncertainty import uncertainty_of
from usbench.core.untrusted import file_name
from usbench.evaluation.evaluate import despeckle_sample
from usbench.evaluation.sample_cache import load_sample
from usbench.figures.panels import untouched
from usbench.io.atomic_write import staged
from usbench.io.picture_folder import ABOUT

# Licences, by their beginning or by a phrase, that allow pictures of the data to be redistributed with attribution.
OPEN = ("generated", "CC0", "CC BY 4.0", "Apache-2.0", "BSD-", "MIT", "public domain")
PERMISSIVE = ("permissive notice", "free of restrictions")
WHITE = 0.1  # of the grey range: standard deviations from here on are white in a picture of uncertainty


def may_be_shown(dataset: Dataset) -> bool:
    """Return whether the licence of a data set allows pictures of it to be redistributed."""
    licence = dataset.card.licence
    return licence.startswith(OPEN) or any(words in licence for words in PERMISSIVE)


def make_gallery(
    methods: Mapping[str, Callable[[], Method]],
    dataset: Dataset,
    indices: Sequence[int],
    folder: Path,
    report: Callable[[str], None] = lambda sentence: None,
) -> list[Path]:
    """Write PNGs of samples despeckled by every method, and return the folders, one per sample.

    For a method with an uncertainty (`usbench.core.uncertainty`) there is a picture of that too.

    Parameters
    ----------
    methods
        Functions that load them, by label. A method that fails is left out, and `report` is called with the reason.
    dataset, indices
        The samples.
    folder
        The results folder; pictures go to its subfolder `gallery`.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    made = [folder / "gallery" / file_name(dataset.label) / file_name(dataset.ids()[index]) for index in indices]
    for index, target in zip(indices, made, strict=True):
        sample = load_sample(dataset, index)
        images = untouched(sample)
        unsure: dict[str, np.ndarray] = {}
        for label, load in methods.items():
            try:
                method = load()
                method.prepare("cpu")
                images[label] = despeckle_sample(method, sample)
            except UsbenchError as error:
                report(f"{label} has no picture of {sample.id}: {error}")
                continue
            try:
                deviation = uncertainty_of(method, sample)
            except UsbenchError as error:
                report(f"{label} has no picture of its uncertainty on {sample.id}: {error}")
                continue
            if deviation is not None:
                unsure[f"uncertainty of {label}"] = deviation
        _write(images, unsure, sample, dataset, target)
    return made


def outlines(sample: Sample) -> np.ndarray:
    """Return the mask (H, W) of the outlines of the regions that metrics use."""
    from scipy.ndimage import binary_erosion

    used = {name for pair in sample.rois.contrast for name in pair} | set(sample.rois.homogeneous)
    found = np.zeros(sample.image.shape, dtype=bool)
    for name in sorted(used):
        mask = sample.rois.masks[name]
        found |= mask & ~binary_erosion(mask)
    return found


def _write(
    images: Mapping[str, np.ndarray],
    unsure: Mapping[str, np.ndarray],
    sample: Sample,
    dataset: Dataset,
    target: Path,
) -> None:
    from PIL import Image

    shown = {**images, **{label: np.minimum(plane / WHITE, 1) for label, plane in unsure.items()}}
    files = {label: Image.fromarray(np.round(255 * plane).astype(np.uint8)) for label, plane in shown.items()}
    edges = outlines(sample)
    if edges.any():
        files["regions"] = Image.fromarray(np.stack([255 * edges.astype(np.uint8)] * 2, axis=-1), mode="LA")
    names = {label: f"{file_name(label)}.png" for label in files}
    about = {
        "dataset": dataset.label,
        "split": dataset.split,
        "sample": sample.id,
        "licence": dataset.card.licence,
        "citation": dataset.card.citation,
        "images": names,
    }
    if unsure:
        about["white"] = dict.fromkeys(unsure, WHITE)
    try:
        with staged(target) as stage:
            for label, image in files.items():
                image.save(stage / names[label], format="PNG", optimize=True)
            (stage / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"The pictures cannot be written to {target}: {error.strerror or error}.") from None
