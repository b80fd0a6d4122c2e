"""Test images among the training images of a network, found by fingerprints.

Weights have a list of fingerprints of their training images. This module writes such lists and finds test images in
them.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.dataset import Dataset
from usbench.core.inserted_set import InsertedSet
from usbench.core.simulated_set import SimulatedSet
from usbench.core.untrusted import is_file_name
from usbench.weights.shards import WeightsError, file_hash, read_index

HEADER = "# usbench fingerprints 1: SHA-256 of the 8-bit pixels, thumbnail, name"
CARD_KEY = "training_images"
TILE = 256  # pixels: the size of the suite's own tiles and slices

CELLS = 8
STEP = 1 / 32  # of a standard deviation: step to which a thumbnail's values are rounded
SAME = 0.05
FLAT = 1 / 255  # images with a standard deviation below one grey level have no thumbnail


@dataclass(frozen=True)
class Listed:
    """A training image: its name and its fingerprint."""

    name: str
    fingerprint: str


@dataclass(frozen=True)
class Leak:
    """A test image that is among the training images.

    Attributes
    ----------
    training, dataset, sample
        Name of the training image; label of the data set and id of the sample.
    distance
        0 for the same pixels, else the difference of the thumbnails; see `fingerprint`.
    """

    training: str
    dataset: str
    sample: str
    distance: float

    def __str__(self) -> str:
        how = "the same pixels as" if self.distance == 0 else f"a copy (thumbnails differ by {self.distance:.3f}) of"
        return f"the training image {self.training} is {how} {self.sample} of {self.dataset}"


def fingerprint(image: np.ndarray) -> str:
    """Return a short text that identifies an image and its copies.

    It has two parts. The first is the SHA-256 (32 hex digits of it) of the shape and the pixels, rounded to 8 bits. The
    second is a thumbnail: the means of 8 x 8 cells, with mean 0 and standard deviation 1, rounded to 1/32. Two images
    are copies if their thumbnails differ by less than 0.05 (root mean square) in any of the eight rotations and
    reflections. The thumbnail does not depend on gain and offset, and hardly on file format or resolution. An image
    without contrast has none, and is identified by its pixels alone.

    Measured: among 4,629 images that are not test images (3,000 of `mri`, `natural`, `shapes`, `phantom`, and real ones
    of HC18, BUSI, TimTrack and others) and 149 test images, the most similar pair are slices of one brain 4 mm apart,
    at 0.078; no pair that is not `mri` is below 0.14. Test images saved as JPEG differ from the originals by at most
    0.024 at quality 90 or 75 and by 0.036 at 50; resized to 3/4 by 0.027; enlarged by 1.3 and saved at quality 75 by
    0.027. A 256-bit difference hash cannot separate these: 5 bits between those slices, up to 10 between a natural tile
    and its copy at quality 75.

    A part of an image has another fingerprint, so `write_fingerprints` also lists 256 x 256 tiles. A copy with a strong
    grey map may be missed: a gamma of 0.8 changes thumbnails by 0.08, up to 0.12.

    Parameters
    ----------
    image
        (rows, columns) in [0, 1].
    """
    return f"{_pixel_hash(_eight_bits(image))}:{_encoded(_thumbnail(image))}"


def write_fingerprints(path: Path, images: Iterable[tuple[str, np.ndarray]]) -> dict[str, Any]:
    """Write the fingerprints of training images, and return the entry for the card of the weights.

    An image larger than a tile is listed as a whole, and each tile of its centred 256 x 256 grid, as `natural` cuts its
    pictures.

    Parameters
    ----------
    path
        `NAME.training.txt`, in the folder of the card.
    images
        Names and images as drawn for training, before augmentation; they are read one at a time.

    Returns
    -------
    dict
        `file`, `sha256` and `count` (of images): the card's entry `training_images`.
    """
    count = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write(HEADER + "\n")
        for name, image in images:
            count += 1
            for part, pixels in _with_tiles(image):
                stream.write(f"{fingerprint(pixels)} {' '.join(name.split())}{part}\n")
    return {"file": path.name, "sha256": file_hash(path), "count": count}


def read_fingerprints(path: Path) -> list[Listed]:
    """Return the training images in a file of `write_fingerprints`.

    Raises
    ------
    WeightsError
        If the file cannot be read or is not such a list.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsError(f"The list of training images {path} cannot be read: {error}.") from None
    if lines[:1] != [HEADER]:
        raise WeightsError(f"{path} is no list of training images: it does not begin with {HEADER!r}.")
    for number, line in enumerate(lines[1:], start=2):
        if not _LINE.fullmatch(line):
            raise WeightsError(f"Line {number} of the list of training images {path} is no fingerprint with a name.")
    return [Listed(name, text) for text, _, name in (line.partition(" ") for line in lines[1:])]


def card_fingerprints(index: Path) -> list[Listed]:
    """Return the training images listed for weights; none if the card names no list. For errors see `list_file`."""
    path = list_file(index)
    return read_fingerprints(path) if path else []


def list_file(index: Path) -> Path | None:
    """Return the list of training images beside the card of weights, after checking its hash; None if it names none.

    Raises
    ------
    WeightsError
        If the list is missing or does not match the card.
    """
    about = read_index(index).get(CARD_KEY)
    if not about:
        return None
    if not isinstance(about, dict) or not is_file_name(about.get("file")):
        raise WeightsError(f"{index} names no list of training images beside it.")
    path = index.parent / about["file"]
    if not path.is_file() or file_hash(path) != about.get("sha256"):
        raise WeightsError(f"The list of training images {path} is missing or is not the one of {index.name}.")
    return path


def find_leaks(listed: Sequence[Listed], dataset: Dataset) -> list[Leak]:
    """Return the samples of a data set that are among the training images.

    Clean images of a simulated set are compared (of `source+simulator` those of the source), and images of a real one,
    both without inserted lesions. The images of a set are read once a process, for any number of lists.
    """
    if not listed:
        return []
    hashes = {item.fingerprint.partition(":")[0]: item.name for item in reversed(listed)}
    with_thumbnail = [item for item in listed if not item.fingerprint.endswith(":")]
    thumbnails = np.stack([_decoded(item.fingerprint) for item in with_thumbnail]) if with_thumbnail else None
    leaks = []
    for views in _views(dataset):
        same = next((hashes[key] for key in views.hashes if key in hashes), None)
        if same is not None:
            leaks.append(Leak(same, dataset.label, views.sample, 0.0))
            continue
        distances = _distances(thumbnails, views.thumbnails)
        if distances is not None and distances.min() < SAME:
            nearest = with_thumbnail[int(distances.argmin())]
            leaks.append(Leak(nearest.name, dataset.label, views.sample, float(max(distances.min(), 1e-9))))
    return leaks


_LINE = re.compile(r"[0-9a-f]{32}:([\w-]{86})? .+", re.ASCII)


@dataclass(frozen=True)
class _Views:
    """A test image in its eight rotations and reflections: hashes of pixels, and thumbnails, (8, 64)."""

    sample: str
    hashes: tuple[str, ...]
    thumbnails: np.ndarray | None


_views_of_sets: dict[tuple[type, str, str, str, str], list[_Views]] = {}


def _views(dataset: Dataset) -> list[_Views]:
    while isinstance(dataset, InsertedSet | SimulatedSet):
        dataset = dataset.source
    key = (type(dataset), dataset.label, dataset.split, dataset.version, dataset.content_hash())
    if key not in _views_of_sets:
        _views_of_sets[key] = [
            _views_of(sample.id, sample.image if sample.reference is None else sample.reference) for sample in dataset
        ]
    return _views_of_sets[key]


def _views_of(sample: str, image: np.ndarray) -> _Views:
    thumbnail = _thumbnail(image)
    turned = None if thumbnail is None else np.stack([view.ravel() for view in _turned(thumbnail.astype(np.float32))])
    return _Views(sample, tuple(map(_pixel_hash, _turned(_eight_bits(image)))), turned)


def _with_tiles(image: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    yield "", image
    rows, columns = (extent // TILE for extent in image.shape)
    if image.shape == (TILE, TILE):
        return
    top, left = ((extent % TILE) // 2 for extent in image.shape)
    for row in range(rows):
        for column in range(columns):
            y, x = top + row * TILE, left + column * TILE
            yield f" tile {row}-{column}", image[y : y + TILE, x : x + TILE]


def _turned(image: np.ndarray) -> list[np.ndarray]:
    """Return the eight rotations and reflections of the image."""
    return [np.rot90(view, quarter) for view in (image, image[:, ::-1]) for quarter in range(4)]


def _eight_bits(image: np.ndarray) -> np.ndarray:
    return np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)


def _pixel_hash(pixels: np.ndarray) -> str:
    shape = np.array(pixels.shape, dtype="<i8").tobytes()
    return hashlib.sha256(shape + np.ascontiguousarray(pixels).tobytes()).hexdigest()[:32]


def _thumbnail(image: np.ndarray) -> np.ndarray | None:
    """Return the standardised means of 8 x 8 cells as int8 in steps of 1/32; None for an image without contrast."""
    rows, columns = (_cells(extent) for extent in image.shape)
    means = rows @ image.astype(np.float64) @ columns.T
    deviation = means.std()
    if not deviation > FLAT:
        return None
    return np.clip(np.round((means - means.mean()) / (deviation * STEP)), -127, 127).astype(np.int8)


def _cells(extent: int) -> np.ndarray:
    """Return the (8, extent) matrix that averages over 8 equal parts, whose borders may be inside pixels."""
    edges = np.linspace(0, extent, CELLS + 1)
    pixels = np.arange(extent)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.clip(overlap, 0, None) * (CELLS / extent)


def _encoded(thumbnail: np.ndarray | None) -> str:
    return "" if thumbnail is None else base64.urlsafe_b64encode(thumbnail.tobytes()).decode().rstrip("=")


def _decoded(text: str) -> np.ndarray:
    return np.frombuffer(base64.urlsafe_b64decode(text.partition(":")[2] + "=="), dtype=np.int8).astype(np.float32)


def _distances(thumbnails: np.ndarray | None, positions: np.ndarray | None) -> np.ndarray | None:
    """Return the distance of each listed thumbnail, (N, 64), from the nearest of the views of an image, (8, 64)."""
    if thumbnails is None or positions is None:
        return None
    squares = [((thumbnails - position) ** 2).mean(axis=1) for position in positions]
    return STEP * np.sqrt(np.min(squares, axis=0))
