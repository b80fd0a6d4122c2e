"""Formats of masks, and how they are read as named boolean arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from usbench.core.errors import ImageError
from usbench.io import read_frame, read_values

SAME_ASPECT = 0.05  # masks of another size are resized to the image if their aspect ratio agrees within this


@dataclass(frozen=True)
class Binary:
    """One structure, given by grey values of at least a threshold; the union of several files.

    Attributes
    ----------
    name
        Name of the structure.
    threshold
        Fraction of the largest value of the data type. JPEG masks need a high threshold, because their edges ring.
        Files with values below 16 only are taken as label images, in which any value but 0 counts.
    fill
        Whether masks are outlines that must be filled. Masks that are already filled are not changed.
    """

    name: str
    threshold: float = 0.5
    fill: bool = False

    def read(self, files: Sequence[Path], shape: tuple[int, int], frame: int = -1) -> dict[str, np.ndarray]:
        """Return the mask of the structure in the image's shape; nothing if there are no files."""
        united = np.zeros(shape, bool)
        for file in files:
            united |= fitted(self._mask(_stored(file, frame)), shape, file)
        return {self.name: united} if files else {}

    def _mask(self, stored: np.ndarray) -> np.ndarray:
        values = _grey(stored)
        top = np.iinfo(values.dtype).max if values.dtype.kind == "u" else max(1, values.max(initial=0))
        mask = values >= self.threshold * top
        if not mask.any() and values.max(initial=0) < 16:
            mask = values > 0
        if self.fill:
            from scipy.ndimage import binary_closing, binary_fill_holes

            closed = binary_closing(np.pad(mask, 3), np.ones((3, 3), bool))[3:-3, 3:-3]  # outlines may have gaps
            mask = binary_fill_holes(closed) | mask
        return mask


@dataclass(frozen=True)
class Labels:
    """Several structures, each an integer label in one file.

    Attributes
    ----------
    names
        Structure by label.
    """

    names: Mapping[int, str] = field(default_factory=dict)

    def read(self, files: Sequence[Path], shape: tuple[int, int], frame: int = -1) -> dict[str, np.ndarray]:
        """Return the masks of the structures that are there."""
        found = {name: np.zeros(shape, bool) for name in self.names.values()}
        for file in files:
            labels = _grey(_stored(file, frame))
            for label, name in self.names.items():
                found[name] |= fitted(labels == label, shape, file)
        return {name: mask for name, mask in found.items() if mask.any()}


@dataclass(frozen=True)
class Colours:
    """Several structures, each a colour in one file.

    Attributes
    ----------
    names
        Structure by (red, green, blue), 0 to 255.
    tolerance
        Greatest difference of a channel that is accepted.
    """

    names: Mapping[tuple[int, int, int], str] = field(default_factory=dict)
    tolerance: int = 60

    def read(self, files: Sequence[Path], shape: tuple[int, int], frame: int = -1) -> dict[str, np.ndarray]:
        """Return the masks of the structures that are there."""
        found = {name: np.zeros(shape, bool) for name in self.names.values()}
        for file in files:
            values = _stored(file, frame)
            if values.ndim != 3:
                raise ImageError(f"The mask {file} is grey where a colour stands for each structure.")
            for colour, name in self.names.items():
                near = np.asarray((np.abs(values[..., :3].astype(int) - colour) <= self.tolerance).all(axis=-1))
                found[name] |= fitted(near, shape, file)
        return {name: mask for name, mask in found.items() if mask.any()}


@dataclass(frozen=True)
class ByName:
    """Several structures, each in separate files.

    Attributes
    ----------
    names
        Structure by a part of the file's name.
    """

    names: Mapping[str, str] = field(default_factory=dict)

    def read(self, files: Sequence[Path], shape: tuple[int, int], frame: int = -1) -> dict[str, np.ndarray]:
        """Return the masks of the structures that are there."""
        found: dict[str, np.ndarray] = {}
        for part, name in self.names.items():
            found |= Binary(name).read([file for file in files if part in file.stem], shape, frame)
        return {name: mask for name, mask in found.items() if mask.any()}


Masks = Binary | Labels | Colours | ByName


def fitted(mask: np.ndarray, shape: tuple[int, int], file: Path) -> np.ndarray:
    """Return a mask resized to the image's shape by nearest neighbour.

    Raises
    ------
    ImageError
        If the aspect ratios differ: then it is the mask of another image, or its axes are swapped.
    """
    if mask.shape == shape:
        return mask
    if mask.ndim != 2 or not mask.size:
        raise ImageError(f"The mask {file} has shape {mask.shape} where a plane is expected.")
    stretch = [wanted / there for wanted, there in zip(shape, mask.shape, strict=True)]
    if abs(stretch[0] / stretch[1] - 1) > SAME_ASPECT:
        found, expected = (" x ".join(map(str, size)) for size in (mask.shape, shape))
        swapped = "; its axes are swapped" if mask.shape == shape[::-1] else ""
        raise ImageError(f"The mask {file} is {found} where the image is {expected}{swapped}.")
    rows, columns = (
        (np.arange(wanted) + 0.5) * there // wanted for wanted, there in zip(shape, mask.shape, strict=True)
    )
    return mask[np.ix_((rows).astype(int), columns.astype(int))]


def _stored(file: Path, frame: int) -> np.ndarray:
    return read_values(file) if frame < 0 else read_frame(file, frame)[0]


def _grey(values: np.ndarray) -> np.ndarray:
    """Return a mask that was saved in colour as grey, taking the brightest channel."""
    if values.ndim == 3 and values.shape[-1] in (2, 3, 4):
        return values[..., : 3 if values.shape[-1] > 2 else 1].max(axis=-1)
    return values.astype(np.uint8) * np.uint8(255) if values.dtype == bool else values
