"""A user's own directory of images, with optional masks, references, groups and splits."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np

from usbench.core.dataset import Dataset, DatasetCard, Kind, Split
from usbench.core.errors import ImageError, UsageError
from usbench.core.sample import Rois, Sample
from usbench.io import SUFFIXES, GreyImage, open_image, read_image, read_mask, read_pair
from usbench.io.image_file import Region
from usbench.io.kinds import DICOM_SUFFIXES, kind_of
from usbench.ultrasound.bmode import DEFAULT_DYNAMIC_RANGE_DB
from usbench.weights.shards import file_hash

from .folder_files import TARGET, Found, look_into, masks_of_images, of_table, stem_of, table

RING = 12  # pixels; width of the background around a region
BACKGROUND = "background"
SPLITS = ("train", "val", "test")
FOLDERS = "folders"
SHOWN = 3  # names in a sentence
LEAST_REGION = 16  # pixels: B-mode regions of DICOM with shorter sides are not used


@dataclass(frozen=True)
class Folder(Dataset):
    r"""Every image under a directory, sorted by name; the first frame of cines, and each B-mode region of a DICOM file.

    Masks are found beside images, as `NAME_mask.png` or in folders called `masks`, and are never measured as images.

    Parameters
    ----------
    path
        The directory.
    masks
        A directory with masks for some or all images, by the same relative name with any image suffix, or with `_mask`
        at its end. Masks of several named regions are in folders of their names (`lesion/a.png`, `background/a.png`) or
        have them at their ends (`a_lesion.png`). Contrast is taken against the region `background`, or else against
        the ring of 12 pixels around each region. Without masks, only metrics that need no ROI are computed.
    reference
        A directory with the clean image of every image, by the same relative name with any image suffix.
    homogeneous
        Names of regions of one tissue without structure, separated by spaces.
    groups
        A regular expression with one group in parentheses, which is searched for in each image's path, or a CSV file
        with the columns `image` and `group`. Images of a group, such as a patient, are not independent.
    splits
        `folders` if the directory has folders `train`, `val` and `test`, or a CSV file with the columns `image` and
        `split`. By default every split is the whole directory.
    dynamic_range_db
        Dynamic range of the scanner's log compression; used only by methods that work on the envelope.
    """

    name = "folder"
    version = "2"
    card = DatasetCard(
        title="A user's directory",
        kind="real",
        description="Images of any readable format; ROIs from optional masks, and 12 pixels around them.",
        splits="every split is the whole directory, unless splits= says otherwise",
        licence="the user's",
    )

    split: Split = "test"
    path: str = ""
    masks: str = ""
    reference: str = ""
    homogeneous: str = ""
    groups: str = ""
    splits: str = ""
    dynamic_range_db: float = DEFAULT_DYNAMIC_RANGE_DB

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.path:
            raise UsageError("The folder set needs a directory: write folder:PATH.")
        for directory in filter(None, (self.path, self.masks, self.reference)):
            if not Path(directory).expanduser().is_dir():
                raise UsageError(f"The directory {directory} does not exist.")
        if not self._found.images:
            raise UsageError(f"The directory {self.path} holds no image ({', '.join(sorted(SUFFIXES))}).")
        if self.masks and not self._masks[0]:
            some = _some(self._masks[1])
            raise UsageError(f"No mask in {self.masks} has the name of an image, with or without _mask: {some}.")
        if self.reference:
            self._check_references()
        self._check_tables()

    @property
    def kind(self) -> Kind:
        """Simulated if there are references, else real."""
        return "simulated" if self.reference else "real"

    def ids(self) -> list[str]:
        """Return the paths of the images relative to the directory; `#2` is the second region of a DICOM file."""
        return list(self._samples)

    def load(self, index: int) -> Sample:
        """Read image number `index` with its masks and its reference."""
        sample_id, (name, region) = list(self._samples.items())[index]
        file = self._found.images[name]
        if self.reference:
            read, clean = read_pair(file, self._references[stem_of(name)])
        else:
            read, clean = read_image(file), None
        rows, columns = (region.rows, region.columns) if region else (slice(None), slice(None))
        rois = self._rois(self._masks[0].get(stem_of(name), {}), read)
        return Sample(
            id=sample_id,
            image=read.pixels[rows, columns],
            reference=None if clean is None else clean.pixels[rows, columns],
            rois=Rois({key: mask[rows, columns] for key, mask in rois.masks.items()}, rois.contrast, rois.homogeneous),
            group=self._group(name),
            spacing=region.spacing if region else read.spacing,
            dynamic_range_db=self.dynamic_range_db,
        )

    def notes(self) -> list[str]:
        """Return which files are left out: masks without an image, and files of no known kind."""
        said = []
        if self._masks[1]:
            said.append(f"{self.label}: {len(self._masks[1])} masks belong to no image: {_some(self._masks[1])}.")
        if self._found.unknown:
            names = [file.name for file in self._found.unknown]
            said.append(f"{self.label}: {len(names)} files of no known kind are left out: {_some(names)}.")
        return said

    def content_hash(self) -> str:
        """Return a hash of the names and contents of all files that are read."""
        digest = hashlib.sha256()
        files = {**self._found.images, **{f"mask {name}": file for name, file in self._mask_files.items()}}
        files |= {f"reference {name}": file for name, file in self._references.items()}
        files |= {f"table {text}": Path(text) for text in (self.groups, self.splits) if text.endswith(".csv")}
        for name, file in sorted(files.items()):
            digest.update(f"{name} {file_hash(file)}\n".encode())
        return digest.hexdigest()[:16]

    @cached_property
    def _found(self) -> Found:
        return look_into(Path(self.path).expanduser())

    @cached_property
    def _mask_files(self) -> dict[str, Path]:
        if not self.masks:
            return self._found.masks
        found = look_into(Path(self.masks).expanduser())
        return {**found.images, **found.masks}

    @cached_property
    def _masks(self) -> tuple[dict[str, dict[str, list[Path]]], list[str]]:
        return masks_of_images(list(self._found.images), self._mask_files)

    @cached_property
    def _references(self) -> dict[str, Path]:
        found = look_into(Path(self.reference).expanduser()).images if self.reference else {}
        return {stem_of(name): file for name, file in found.items()}

    @cached_property
    def _samples(self) -> dict[str, tuple[str, Region | None]]:
        """File and region of each sample by its id."""
        found: dict[str, tuple[str, Region | None]] = {}
        for name, file in self._found.images.items():
            if self.splits and self._split(name) != self.split:
                continue
            regions = _regions(file)
            if len(regions) < 2:
                found[name] = (name, regions[0] if regions else None)
            for number, region in enumerate(regions if len(regions) > 1 else [], start=1):
                found[f"{name}#{number}"] = (name, region)
        return found

    def _check_references(self) -> None:
        missing = [name for name in self._found.images if stem_of(name) not in self._references]
        if missing:
            raise UsageError(f"{len(missing)} images have no reference in {self.reference}: {_some(missing)}.")

    def _check_tables(self) -> None:
        """Raise UsageError if an image has no group or no split."""
        for name in self._found.images:
            self._group(name)
            if self.splits:
                self._split(name)

    def _group(self, name: str) -> str:
        if not self.groups:
            return name
        if self.groups.endswith(".csv"):
            return of_table(self._group_table, name, self.groups)
        try:
            match = re.search(self.groups, name)
        except re.error as error:
            raise UsageError(f"groups={self.groups!r} is no regular expression: {error}.") from None
        if not match or not match.groups() or not match.group(1):
            raise UsageError(f"groups={self.groups!r} finds no group in parentheses in the image {name}.")
        return match.group(1)

    @cached_property
    def _group_table(self) -> dict[str, str]:
        return table(Path(self.groups).expanduser(), "group")

    @cached_property
    def _split_table(self) -> dict[str, str]:
        return table(Path(self.splits).expanduser(), "split")

    def _split(self, name: str) -> Split:
        found = name.partition("/")[0] if self.splits == FOLDERS else of_table(self._split_table, name, self.splits)
        if found not in SPLITS:
            raise UsageError(f"The image {name} is in the split {found!r}; expected train, val or test.")
        return cast(Split, found)

    def _rois(self, regions: dict[str, list[Path]], read: GreyImage) -> Rois:
        """Return the regions of masks, and a ring around each unless one is the background."""
        masks = {name: _union(files, read) for name, files in sorted(regions.items())}
        masks = {name: mask for name, mask in masks.items() if mask.any()}
        if BACKGROUND in masks:
            pairs = [(name, BACKGROUND) for name in masks if name != BACKGROUND]
        else:
            rings = {name: "ring" if name == TARGET else f"{name}_ring" for name in masks}
            pairs = list(rings.items())
            masks |= {ring: _ring(masks[name]) for name, ring in rings.items()}
        homogeneous = tuple(name for name in self.homogeneous.split() if name in masks)
        return Rois(masks, tuple(pairs), homogeneous)


def _union(files: list[Path], read: GreyImage) -> np.ndarray:
    found = [read_mask(file) for file in files]
    for mask, file in zip(found, files, strict=True):
        if mask.shape != read.pixels.shape and len(found) > 1:
            raise ImageError(f"The mask {file} is {mask.shape} where the image is {read.pixels.shape}.")
    return np.any(found, axis=0)


def _ring(target: np.ndarray) -> np.ndarray:
    from scipy.ndimage import distance_transform_edt

    distance = distance_transform_edt(~target)
    return (distance > 2) & (distance <= 2 + RING)


def _regions(file: Path) -> list[Region]:
    """Return the B-mode regions of a DICOM file; none of another file, or of one that cannot be read."""
    if kind_of(file) not in DICOM_SUFFIXES:
        return []
    try:
        found = open_image(file).regions()
    except ImageError:
        return []  # it fails when it is loaded, with its reason
    return [region for region in found if min(_length(region.rows), _length(region.columns)) >= LEAST_REGION]


def _length(side: slice) -> int:
    return int(side.stop - side.start) if side.start >= 0 else 0


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
