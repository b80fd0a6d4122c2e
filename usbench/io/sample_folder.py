"""Samples as files: 16-bit PNGs of image and reference, regions as bits of a PNG, and an index with metadata.

A rendered folder has `index.json` and pictures. The index has the data set and the command that rendered it, and for
each sample its id, group, spacing, dynamic range, names and roles of its regions, and the hashes of its files. Region
number n is bit n mod 16 of the regions picture number n // 16.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError, StoreError
from usbench.core.sample import Sample
from usbench.io.atomic_write import write_whole
from usbench.io.sample_metadata import sample_from_metadata, sample_metadata

INDEX = "index.json"
BITS = 16
WHITE = 2**BITS - 1


def write_sample(folder: Path, sample: Sample) -> dict[str, Any]:
    """Write a sample's pictures and return its entry in the index.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    stem = sample.id.replace("/", "_")
    planes = {f"{stem}.png": np.round(sample.image * WHITE).astype(np.uint16)}
    if sample.reference is not None:
        planes[f"{stem}-reference.png"] = np.round(sample.reference * WHITE).astype(np.uint16)
    masks = list(sample.rois.masks.values())
    for page in range(0, len(masks), BITS):
        bits = sum((mask.astype(np.uint16) << bit for bit, mask in enumerate(masks[page : page + BITS])), np.uint16(0))
        planes[f"{stem}-regions-{page // BITS}.png"] = np.asarray(bits, np.uint16)
    files = {name: _write_png(folder / name, plane) for name, plane in planes.items()}
    return {**sample_metadata(sample), "files": files}


def write_index(folder: Path, about: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """Write the index of a rendered folder.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    try:
        write_whole(folder / INDEX, (json.dumps(about | {"samples": entries}, indent=1) + "\n").encode())
    except OSError as error:
        raise StoreError(f"{folder / INDEX} cannot be written: {error.strerror or error}.") from None


def read_index(folder: Path) -> dict[str, Any]:
    """Return the index of a rendered folder.

    Raises
    ------
    ImageError
        If there is none, or it is damaged.
    """
    file = folder / INDEX
    try:
        index = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(index, dict) or not isinstance(index["samples"], list):
            raise ValueError
        return index
    except OSError as error:
        raise ImageError(
            f"{folder} is not a rendered set: {INDEX} cannot be read ({error.strerror or error})."
        ) from None
    except (ValueError, KeyError):
        raise ImageError(f"{file} is not the index of a rendered set; render it again.") from None


def read_sample(folder: Path, entry: dict[str, Any], prefix: str = "") -> Sample:
    """Return a sample of a rendered folder; `prefix` goes before its id.

    Raises
    ------
    ImageError
        If a picture is missing or was changed, or the entry is damaged.
    """
    try:
        planes = {name: _read_png(folder / name, expected) for name, expected in entry["files"].items()}
        stem = entry["id"].replace("/", "_")
        pages = [planes[name] for name in planes if name.startswith(f"{stem}-regions-")]
        masks = ((pages[number // BITS] >> (number % BITS) & 1).astype(bool) for number in range(len(entry["masks"])))
        image, reference = planes[f"{stem}.png"], planes.get(f"{stem}-reference.png")
        return sample_from_metadata(
            {**entry, "id": prefix + entry["id"]},
            (image / WHITE).astype(np.float32),
            None if reference is None else (reference / WHITE).astype(np.float32),
            masks,
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise ImageError(f"{folder / INDEX} has a damaged entry; render the set again.") from None


def _write_png(file: Path, plane: np.ndarray) -> str:
    from PIL import Image

    try:
        Image.fromarray(plane).save(file, optimize=True)
        return _hash(file)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror or error}.") from None


def _read_png(file: Path, expected: str) -> np.ndarray:
    from PIL import Image

    try:
        if _hash(file) != expected:
            raise ImageError(f"{file} is not the picture that was rendered; render the set again.")
        with Image.open(file) as picture:
            return np.asarray(picture).astype(np.uint16)
    except OSError as error:
        raise ImageError(f"{file} cannot be read: {error.strerror or error}.") from None


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
