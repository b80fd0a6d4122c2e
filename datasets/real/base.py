"""Base of the public sets: their location, splits and regions of interest by rule."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from usbench.core.dataset import Dataset, DatasetCard, Split
from usbench.core.errors import UsageError
from usbench.core.sample import Rois, Sample
from usbench.io import frame_image, read_frame, read_with_colour
from usbench.public_data.download import Download
from usbench.public_data.index import added_root, files_hash
from usbench.ultrasound.bmode import DEFAULT_DYNAMIC_RANGE_DB
from usbench.ultrasound.rois import structure_rois, window_rois
from usbench.ultrasound.scan_area import usable_area

from .layouts import Entry, Pairs, Tree, files_of
from .masks import Masks

SPLITS = "by a hash of the group, half test, a tenth val, the rest train; with whole=true every split is the whole set"


@dataclass(frozen=True)
class Picture:
    """An entry as read from its files.

    Attributes
    ----------
    grey
        (axial, lateral) in [0, 1].
    structures
        Masks of anatomical structures by name.
    colour
        (axial, lateral, 3) in [0, 1] if the file has colour.
    spacing
        (axial, lateral) in mm if known.
    reference
        A pseudo-reference, if the set has one.
    """

    grey: np.ndarray
    structures: dict[str, np.ndarray]
    colour: np.ndarray | None = None
    spacing: tuple[float, float] | None = None
    reference: np.ndarray | None = None


@dataclass(frozen=True)
class RealSet(Dataset):
    """Base of a public set. A subclass defines card, layout and masks, and overrides methods where needed.

    Parameters
    ----------
    path
        Directory of the set, for which `NAME:PATH` is short; the one given to `usbench data add` if empty.
    whole
        Whether every split is the whole set, for methods that were not trained on any of it.
    dynamic_range_db
        Assumed dynamic range of the scanner's log compression; used only by methods that work on the envelope.
    """

    card: ClassVar[DatasetCard]
    layout: ClassVar[Pairs]
    masks: ClassVar[Masks | None] = None
    shrink: ClassVar[float] = 0.15
    homogeneous_in: ClassVar[str] = ""
    downloads: ClassVar[tuple[Download, ...]] = ()

    split: Split = "test"
    path: str = ""
    whole: bool = False
    dynamic_range_db: float = DEFAULT_DYNAMIC_RANGE_DB

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.path and added_root(self.name) is None:
            raise UsageError(self.unavailable())
        if not self.everything:
            raise UsageError(f"{self.root} is not the set {self.name}: it holds none of the {self.layout.says}.")

    @classmethod
    def unavailable(cls) -> str:
        """Return why the set cannot be used by its name alone; empty if it has been added."""
        if added_root(cls.name) is not None:
            return ""
        return f"{cls.name} is not here: `usbench data add {cls.name} DIR` or {cls.name}:DIR names your copy."

    @property
    def label(self) -> str:
        """The name with the parameters that differ from the defaults, except for the path."""
        return self.name + self.suffix(skip=("split", "path"))

    @property
    def root(self) -> Path:
        """The directory of the set."""
        return (Path(self.path).expanduser() if self.path else added_root(self.name) or Path()).resolve()

    @cached_property
    def everything(self) -> list[Entry]:
        """The entries of all splits, in the order of their ids."""
        return self.list_entries(Tree(self.root))

    @cached_property
    def entries(self) -> list[Entry]:
        """The entries of this split."""
        return self.everything if self.whole else [e for e in self.everything if self.split_of(e) == self.split]

    def ids(self) -> list[str]:
        """Return the samples' ids."""
        return [entry.id for entry in self.entries]

    def load(self, index: int) -> Sample:
        """Read sample number `index` and define its regions of interest."""
        entry = self.entries[index]
        picture = self.read(entry)
        return Sample(
            id=entry.id,
            image=picture.grey,
            reference=picture.reference,
            rois=self.lay_rois(entry, picture),
            group=entry.group,
            spacing=picture.spacing,
            dynamic_range_db=self.dynamic_range_db,
        )

    def content_hash(self) -> str:
        """Return a hash of the names and contents of all files of the set, for any split."""
        return files_hash(self.name, self.root, self.files())

    def files(self) -> list[Path]:
        """Return every file that the set reads."""
        return files_of(self.everything)

    def list_entries(self, tree: Tree) -> list[Entry]:
        """Return the entries found by the layout."""
        return self.layout.entries(tree)

    def split_of(self, entry: Entry) -> str:
        """Return the split of an entry: the set's own, or one that depends on its group."""
        if entry.split:
            return entry.split
        tenth = int(hashlib.sha256(f"{self.name} {entry.group}".encode()).hexdigest(), 16) % 10
        return "test" if tenth < 5 else "val" if tenth == 5 else "train"

    def read(self, entry: Entry) -> Picture:
        """Read the image and the masks of an entry."""
        if entry.frame < 0:
            grey, colour = read_with_colour(entry.image)
        else:
            values, spacing = read_frame(entry.image, entry.frame)
            grey, colour = frame_image(values, entry.image, spacing)
        shape = (grey.pixels.shape[0], grey.pixels.shape[1])
        structures = self.masks.read(entry.masks, shape, entry.frame) if self.masks else {}
        return Picture(grey.pixels, structures, colour, grey.spacing)

    def lay_rois(self, entry: Entry, picture: Picture) -> Rois:
        """Return the regions of an entry, from its structures, or from the image if it has none."""
        usable = usable_area(picture.grey, picture.colour)
        structures = {name: mask for name, mask in picture.structures.items() if mask.any()}
        if not structures:
            return window_rois(picture.grey, usable)
        return structure_rois(picture.grey, usable, structures, shrink=self.shrink, inside=self.homogeneous_in)
