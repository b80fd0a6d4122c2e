"""`Sample`: an image with its reference, regions and metadata."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from usbench.core.errors import ImageError
from usbench.core.lesions import InsertedLesions


@dataclass(frozen=True)
class Rois:
    """Regions of interest. They belong to the data and never depend on a despeckled image.

    Attributes
    ----------
    masks
        Boolean arrays of the image's shape, by name.
    contrast
        Pairs of names (target, background) that contrast metrics compare.
    homogeneous
        Names of regions of one tissue without structure, for speckle statistics.
    points
        (row, column) of wires: bright targets smaller than a pixel.
    """

    masks: Mapping[str, np.ndarray] = field(default_factory=dict)
    contrast: tuple[tuple[str, str], ...] = ()
    homogeneous: tuple[str, ...] = ()
    points: tuple[tuple[int, int], ...] = ()

    def within(self, scan: np.ndarray) -> "Rois":
        """Return the regions and points inside a scan; a region with a tenth or more outside is left out."""
        inside = {name: mask & scan for name, mask in self.masks.items()}
        kept = {name: mask for name, mask in inside.items() if mask.sum() > 0.9 * self.masks[name].sum()}
        return Rois(
            kept,
            tuple(pair for pair in self.contrast if set(pair) <= set(kept)),
            tuple(name for name in self.homogeneous if name in kept),
            tuple(point for point in self.points if scan[point]),
        )


@dataclass(frozen=True)
class Sample:
    """A B-mode image with its reference, regions and metadata.

    Attributes
    ----------
    id
        Unique in its data set, stable between versions of the code.
    image
        (axial, lateral) = (rows, columns), float32 in [0, 1]: the input of a method.
    reference
        The speckle-free image on the same grid and grey scale, or None for real data.
    rois
        Regions of interest.
    group
        Patient, volume or scene that the sample shares with others: the unit of intervals and tests.
    spacing
        Pixel size (axial, lateral) in mm, or None if unknown.
    dynamic_range_db
        Range in dB of [0, 1] if the image is log-compressed; None if grey is linear in the envelope.
    lesions
        The image with inserted lesions, a second input of the method; None if there are none.

    Raises
    ------
    ImageError
        If the image is not 2-D, is empty, or has a value that is not finite or not in [0, 1]; or if the reference or a
        mask has another shape.
    """

    id: str
    image: np.ndarray
    reference: np.ndarray | None = None
    rois: Rois = field(default_factory=Rois)
    group: str = ""
    spacing: tuple[float, float] | None = None
    dynamic_range_db: float | None = None
    lesions: InsertedLesions | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "image", _plane(self.image, f"image of sample {self.id!r}"))
        object.__setattr__(self, "group", self.group or self.id)
        if self.reference is not None:
            object.__setattr__(self, "reference", _plane(self.reference, f"reference of sample {self.id!r}"))
            self._same_shape("reference", self.reference)
        for name, mask in self.rois.masks.items():
            self._same_shape(f"mask {name!r}", mask)

    def _same_shape(self, what: str, array: np.ndarray | None) -> None:
        if array is not None and array.shape != self.image.shape:
            raise ImageError(
                f"The {what} of sample {self.id!r} is {_size(array)} where the image is {_size(self.image)}."
            )

    @cached_property
    def input_hash(self) -> str:
        """The first 16 hex digits of the SHA-256 of the image's shape and pixels."""
        digest = hashlib.sha256(np.array(self.image.shape, dtype="<i8").data)
        digest.update(np.ascontiguousarray(self.image, dtype="<f4").data)
        return digest.hexdigest()[:16]


def _plane(array: np.ndarray, what: str) -> np.ndarray:
    array = np.asarray(array)
    if array.ndim != 2:
        raise ImageError(f"The {what} must be a 2-D grey image, not an array of shape {array.shape}.")
    if array.size == 0:
        raise ImageError(f"The {what} is empty ({_size(array)}).")
    array = np.ascontiguousarray(array, dtype=np.float32)
    low, high = float(array.min()), float(array.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ImageError(f"The {what} has values that are not finite (NaN or infinity).")
    if low < 0 or high > 1:
        raise ImageError(f"The {what} spans [{low:.4g}, {high:.4g}] where [0, 1] is expected.")
    return array


def _size(array: np.ndarray) -> str:
    return " x ".join(str(n) for n in array.shape)
