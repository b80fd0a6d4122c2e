"""Which files of a user's folders are images, masks and references, and which image each belongs to."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from usbench.core.errors import UsageError
from usbench.io import is_mask
from usbench.io.kinds import DICOM_SUFFIXES, is_dicomdir, kind_of, suffix_of

TARGET = "target"
MASK_END = re.compile(r"^(?P<stem>.+?)_mask(?:_\d+)?$", re.IGNORECASE)  # of BUSI: NAME_mask.png, NAME_mask_1.png


@dataclass(frozen=True)
class Found:
    """The files of a folder by their paths relative to it.

    Attributes
    ----------
    images, masks
        Files of known kinds.
    unknown
        Files of no known kind.
    """

    images: dict[str, Path]
    masks: dict[str, Path]
    unknown: tuple[Path, ...]


def look_into(root: Path) -> Found:
    """Return the files below a folder; masks are those in folders called `masks` or with `_mask` in their names."""
    images, masks, unknown = {}, {}, []
    for file in sorted(file for file in root.rglob("*") if file.is_file()):
        name = file.relative_to(root).as_posix()
        inside = Path(name)
        if not kind_of(file):
            if not is_dicomdir(file) and file.suffix.lower() not in (".raw", ".zraw", ".csv"):
                unknown.append(file)
        elif is_mask(inside) or "masks" in (part.lower() for part in inside.parts[:-1]):
            masks[name] = file
        else:
            images[name] = file
    return Found(images, masks, tuple(unknown))


def stem_of(name: str) -> str:
    """Return the path of an image without its suffix, by which masks and references belong to it."""
    path = Path(name)
    suffix = suffix_of(path) if kind_of(path) not in DICOM_SUFFIXES or suffix_of(path) in DICOM_SUFFIXES else ""
    return name[: len(name) - len(suffix)] if suffix else name


def masks_of_images(images: list[str], masks: dict[str, Path]) -> tuple[dict[str, dict[str, list[Path]]], list[str]]:
    """Return for each image's stem its masks by region, and the names of masks that belong to no image.

    A mask has the path of its image (with any suffix), or that with `_mask` or `_mask_1` at its end, or with the name
    of a region: `REGION/PATH` or `PATH_REGION`. A folder called `masks` in its path does not count.
    """
    stems = {stem_of(name) for name in images}
    found: dict[str, dict[str, list[Path]]] = {}
    alone = []
    for name, file in masks.items():
        belongs = _owner("/".join(part for part in stem_of(name).split("/") if part.lower() != "masks"), stems)
        if belongs:
            stem, region = belongs
            found.setdefault(stem, {}).setdefault(region, []).append(file)
        else:
            alone.append(name)
    return found, alone


def _owner(name: str, stems: set[str]) -> tuple[str, str] | None:
    """Return the stem of the image that a mask belongs to, and the name of its region."""
    if name in stems:
        return name, TARGET
    if (end := MASK_END.match(name)) and end["stem"] in stems:
        return end["stem"], TARGET
    region, _, rest = name.partition("/")
    if rest in stems:
        return rest, region
    if (end := MASK_END.match(rest)) and end["stem"] in stems:
        return end["stem"], region
    stem, _, region = name.rpartition("_")
    return (stem, region) if stem in stems and region else None


def table(file: Path, column: str) -> dict[str, str]:
    """Return a column of a CSV file by its column `image`.

    Raises
    ------
    UsageError
        If the file cannot be read or a column is missing.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"The table {file} cannot be read: {error}.") from None
    if not rows or not {"image", column} <= set(rows[0]):
        raise UsageError(f"The table {file} has no columns image and {column}.")
    return {row["image"]: row[column] for row in rows}


def of_table(values: dict[str, str], name: str, file: str) -> str:
    """Return the value of an image in a table, by its path or its path without the suffix.

    Raises
    ------
    UsageError
        If it is not in the table.
    """
    found = values.get(name) or values.get(stem_of(name)) or values.get(Path(name).name)
    if not found:
        raise UsageError(f"The table {file} has no value for the image {name}.")
    return found
