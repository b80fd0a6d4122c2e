"""Results that another program made: inputs are exported as pictures, and pictures of the same names are judged.

A folder of inputs has a folder for each data set with a 16-bit PNG for each sample, and `manifest.json`. A folder of
results has pictures of the same names. What is judged against comes from the data set itself; a manifest only names
registered data sets and lists hashes.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from usbench import registry
from usbench.bench.exchange_checks import check_result
from usbench.bench.plan import SLICE, unit_key
from usbench.bench.store import Store
from usbench.core.dataset import Dataset
from usbench.core.errors import ImageError, MethodError, UsageError
from usbench.core.method import MethodCard, PlaneMethod
from usbench.core.metric import Metric
from usbench.core.sample import Sample
from usbench.core.untrusted import file_name, is_file_name
from usbench.evaluation.evaluate import COLUMNS, Row, describe, judge
from usbench.evaluation.sample_cache import data_hash, load_sample
from usbench.io import read_image
from usbench.io.atomic_write import write_whole
from usbench.io.kinds import SUFFIXES

MANIFEST = "manifest.json"
FORMAT = 1
WHITE = 65535
LESIONS = "-lesions"  # the end of the name of a picture with inserted lesions
SECONDS = 600.0  # for one picture, which is only read


def picture_names(dataset: Dataset, index: int) -> list[str]:
    """Return the names of the pictures of a sample without suffix: the image, and the image with lesions if it has."""
    stem = f"{file_name(dataset.label)}/{file_name(dataset.ids()[index])}"
    return [stem, f"{stem}{LESIONS}"]


def export_inputs(
    names: Sequence[str],
    folder: Path,
    *,
    split: str = "test",
    limit: int | None = None,
    done: Callable[[str], None] = lambda _: None,
) -> int:
    """Write the inputs of data sets as 16-bit PNG with a manifest, and return how many pictures that are.

    Parameters
    ----------
    names
        Of data sets, as the registry can load them.
    folder
        New or empty.
    split, limit
        As for a run.
    done
        Called with the name of each picture.

    Raises
    ------
    UsageError
        If a name is unknown, or the folder is not empty or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty; give a new folder.")
        sets = [_export_set(registry.load_dataset(name, split=split), folder, limit, done) for name in names]
        about = {"format": FORMAT, "split": split, "limit": limit, "datasets": sets}
        write_whole(folder / MANIFEST, (json.dumps(about, indent=1) + "\n").encode())
    except OSError as error:
        raise UsageError(f"The inputs cannot be written to {folder}: {error.strerror or error}.") from None
    return sum(len(entry["pictures"]) for entry in sets)


def _export_set(dataset: Dataset, folder: Path, limit: int | None, done: Callable[[str], None]) -> dict[str, Any]:
    from PIL import Image

    pictures = []
    for index in range(len(list(dataset.ids())[:limit])):
        sample = load_sample(dataset, index)
        for name, image in zip(picture_names(dataset, index), _images(sample), strict=False):
            path = folder / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.round(image * WHITE).astype(np.uint16)).save(path)
            pictures.append(
                {
                    "file": f"{name}.png",
                    "sample": sample.id,
                    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                    "rows": image.shape[0],
                    "columns": image.shape[1],
                    "dynamic_range_db": sample.dynamic_range_db,
                    "spacing_mm": sample.spacing,
                }
            )
            done(name)
    return {
        "dataset": dataset.label,
        "version": dataset.version,
        "data_hash": data_hash(dataset),
        "domain": "display: grey of 0 to 65535 is linear in decibels over dynamic_range_db",
        "pictures": pictures,
    }


def _images(sample: Sample) -> Iterator[np.ndarray]:
    yield sample.image
    if sample.lesions is not None:
        yield sample.lesions.image


@dataclass
class Told:
    """What was found in a folder of results that is no error of one picture.

    Attributes
    ----------
    notes
        Sentences, such as on pictures of 8 bits.
    unknown
        Pictures whose names belong to no input.
    """

    notes: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def score(
    folder: Path,
    name: str,
    store: Store,
    metrics: Sequence[Metric],
    *,
    inputs: Path | None = None,
    datasets: Sequence[str] = (),
    trained_on: Sequence[str] = (),
    done: Callable[[str], None] = lambda _: None,
) -> tuple[list[str], list[Row], Told]:
    """Judge the pictures of a folder as the results of a method, and store the rows.

    Parameters
    ----------
    folder
        With pictures of the names of the inputs, of any readable kind.
    name
        Of the method in the rows.
    store
        Where rows go.
    metrics
        Which are computed.
    inputs
        The folder with the manifest, or the manifest; `folder` if None.
    datasets
        Data sets to judge, as the registry can load them; by default those of the manifest, if they are registered.
    trained_on
        What the method was trained on, as in a card.
    done
        Called with the id of each sample.

    Returns
    -------
    tuple
        The keys of the rows, the rows, and what was found in the folder.

    Raises
    ------
    UsageError
        If the name cannot be used, there is no manifest, or the data are not those that were exported.
    """
    if not is_file_name(name) or name in registry.names("methods"):
        raise UsageError(
            f"{name!r} cannot be the name of a method here: letters, digits, -, _ and ., and not registered."
        )
    about = read_manifest(inputs or folder)
    sets = _sets(about, datasets)
    files = _pictures(folder)
    told = Told()
    rows: list[Row] = []
    keys: list[str] = []
    expected: set[str] = set()
    for dataset in sets:
        count = len(list(dataset.ids())[: about["limit"]])
        method = _method(name, dataset, count, files, folder, trained_on, told)
        expected |= method.expected
        described = describe(method, dataset, metrics, device="cpu", origin="pictures made elsewhere")
        for start in range(0, count, SLICE):
            indices = range(start, min(start + SLICE, count))
            key = unit_key(described, [dataset.ids()[index] for index in indices])
            found = list(judge(method, dataset, indices, metrics, described, seconds_per_image=SECONDS))
            store.write(key, found, [*COLUMNS, *(metric.name for metric in metrics)])
            rows += found
            keys.append(key)
            for row in found:
                done(row["sample"])
    told.unknown = sorted(stem for stem in files if stem not in expected)
    if method_notes := sorted(set(told.notes)):
        told.notes = method_notes
    return keys, rows, told


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of exported inputs, checked for its form.

    Raises
    ------
    UsageError
        If there is none, or it is damaged.
    """
    file = path / MANIFEST if path.is_dir() else path
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
        sound = about["format"] == FORMAT and about["split"] in ("train", "val", "test")
        sound &= about["limit"] is None or (isinstance(about["limit"], int) and about["limit"] > 0)
        sound &= all(isinstance(entry[key], str) for entry in about["datasets"] for key in ("dataset", "data_hash"))
    except OSError as error:
        advice = "`usbench export-inputs` writes one; --inputs says where it is"
        raise UsageError(f"The manifest {file} cannot be read ({error.strerror or error}); {advice}.") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise UsageError(f"{file} is no manifest of exported inputs; export them again.")
    return about


def _sets(about: dict[str, Any], named: Sequence[str]) -> list[Dataset]:
    """Return the data sets, after checking that they are those that were exported."""
    hashes = {entry["dataset"]: entry["data_hash"] for entry in about["datasets"]}
    split = about["split"]
    if named:
        sets = [registry.load_dataset(name, split=split) for name in named]
    else:
        sets = [registry.registered_dataset(label, split=split) for label in hashes]
    for dataset in sets:
        if dataset.label not in hashes:
            raise UsageError(f"The inputs of {dataset.label} were not exported; they are of {', '.join(hashes)}.")
        if data_hash(dataset) != hashes[dataset.label]:
            raise UsageError(f"{dataset.label} is not what was exported: its version or files changed; export again.")
    return sets


def _pictures(folder: Path) -> dict[str, Path]:
    """Return the pictures below a folder by their relative paths without suffix."""
    if not folder.is_dir():
        raise UsageError(f"The folder {folder} does not exist.")
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix.lower() in SUFFIXES:
            found[file.relative_to(folder).with_suffix("").as_posix()] = file
    return found


def _method(
    name: str, dataset: Dataset, count: int, files: dict[str, Path], folder: Path, trained_on: Sequence[str], told: Told
) -> "Pictures":
    places: dict[str, str] = {}
    digest = hashlib.sha256()
    for index in range(count):
        sample = load_sample(dataset, index)
        for stem, image in zip(picture_names(dataset, index), _images(sample), strict=False):
            places[_hash(image)] = stem
            content = files[stem].read_bytes() if stem in files else b""
            digest.update(f"{stem} {hashlib.sha256(content).hexdigest()}\n".encode())
    return named_pictures(name, trained_on)(places, files, folder, told, digest.hexdigest()[:16])


class Pictures(PlaneMethod):
    """A method whose results lie in files, found by the hash of the input."""

    card: ClassVar[MethodCard]

    def __init__(self, places: dict[str, str], files: dict[str, Path], folder: Path, told: Told, content: str) -> None:
        self.places, self.files, self.folder, self.told, self.content = places, files, folder, told, content

    @property
    def expected(self) -> set[str]:
        """The names that results must have."""
        return set(self.places.values())

    def values(self) -> dict[str, Any]:
        """Return no parameters."""
        return {}

    def weights_hash(self) -> str:
        """Return a hash of all pictures: other pictures are other results."""
        return self.content

    @property
    def label(self) -> str:
        """The name."""
        return self.name

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Return the picture that belongs to an image.

        Raises
        ------
        MethodError
            If it is missing or unreadable, or has another size, scale or place.
        """
        stem = self.places[_hash(image)]
        if stem not in self.files:
            raise MethodError(f"The picture {stem}.png is missing in {self.folder}.")
        file = self.files[stem]
        try:
            read = read_image(file, full_range=True)
        except ImageError as error:
            raise MethodError(str(error)) from None
        if read.bits == 8:
            self.told.notes.append("8-bit pictures are judged as they are, rounded to 1/255; write 16 bits")
        check_result(image, read.pixels, f"{stem}{file.suffix}")
        return read.pixels


def named_pictures(name: str, trained_on: Sequence[str]) -> type[Pictures]:
    """Return a class of `Pictures` with the name of a method."""
    card = MethodCard(title=f"{name}: pictures made elsewhere", family="made elsewhere", trained_on=tuple(trained_on))
    return type(name, (Pictures,), {"name": name, "card": card, "version": "1", "__module__": __name__})


def _hash(image: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(image, np.float32).tobytes() + repr(image.shape).encode()).hexdigest()
