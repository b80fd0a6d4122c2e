"""Base of all kinds of image files: planes are read as they are shown, and written back into the same kind of file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from usbench.core.errors import ImageError, UsbenchError
from usbench.io.grey import GreyScale, scale_of

Spacing = tuple[float, float] | None
ALPHA = (2, 4)  # numbers of channels of which the last is not a colour


@dataclass(frozen=True)
class Region:
    """A part of the screen that shows tissue.

    Attributes
    ----------
    rows, columns
        Of the stored frame.
    spacing
        (axial, lateral) of a stored pixel in mm; None if the region is not in centimetres.
    """

    rows: slice
    columns: slice
    spacing: tuple[float, float] | None


class ImageFile:
    """An image file of one kind. A subclass defines `count`, `plane` and `write`.

    Attributes
    ----------
    path
        The file.
    exact
        Whether the kind stores planes without loss.
    notes
        Sentences on what a result does not keep, or on how values were read; filled while reading.
    """

    exact: ClassVar[bool] = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []

    def count(self) -> int:
        """Return the number of planes, from the header if there is one."""
        return 1

    def plane(self, number: int) -> np.ndarray:
        """Return the stored values of a plane as it is shown.

        Returns
        -------
        numpy.ndarray
            (axial, lateral), or (axial, lateral, channels) with 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha) channels.
        """
        raise NotImplementedError

    def planes(self) -> Iterator[np.ndarray]:
        """Yield all planes in order."""
        for number in range(self.count()):
            yield self.plane(number)

    def values(self, number: int) -> np.ndarray:
        """Return the values of a plane as the file means them, such as after slope and intercept."""
        return self.plane(number)

    def labels(self, number: int) -> np.ndarray:
        """Return the values of a plane of a mask: indices where the file has a palette of labels."""
        return self.values(number)

    def stored_bits(self) -> int:
        """Return the bits of a value as the file states them; 0 if it does not."""
        return 0

    @cached_property
    def scale(self) -> GreyScale:
        """What stored values mean, the same for all planes."""
        low, high, dtype = extremes(self.planes())
        return scale_of(dtype, low, high, str(self.path), self.stored_bits())

    def spacing(self) -> Spacing:
        """Return the pixel size (axial, lateral) in mm, or None if the file does not say."""
        return None

    def regions(self) -> list[Region]:
        """Return the regions of a plane that show tissue, if the header has them."""
        return []

    def why_no_scan(self) -> str:
        """Return why there is nothing to despeckle, if the header says so; empty otherwise."""
        return ""

    def nothing(self, plane: np.ndarray) -> np.ndarray | None:
        """Return the mask of pixels of a plane that are no image, such as padding, or None."""
        return None

    def reopened(self, path: Path) -> "ImageFile":
        """Return a result of this file, read as this file is read."""
        return type(self)(path)

    def is_exact(self) -> bool:
        """Return whether a result just written holds its planes without loss."""
        return self.exact

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write the file with other planes; everything else is kept.

        Parameters
        ----------
        target
            Of the same kind.
        planes
            As `planes` yields them: the same number, shapes and types.
        derivation
            A sentence on how the planes were made, where the kind has a place for it.
        """
        raise NotImplementedError


def extremes(planes: Iterator[np.ndarray]) -> tuple[float, float, np.dtype]:
    """Return the smallest and the largest value of planes without alpha, and their type."""
    low, high, dtype = np.inf, -np.inf, np.dtype(np.uint8)
    for plane in planes:
        shown = plane[..., :-1] if plane.ndim == 3 and plane.shape[-1] in ALPHA else plane
        dtype = plane.dtype
        if dtype == np.uint8 or dtype.kind == "b":
            return 0, 255, dtype
        if dtype.kind not in "uif":
            break
        if not shown.size:
            continue
        least, most = float(shown.min()), float(shown.max())
        if not (np.isfinite(least) and np.isfinite(most)):
            return least, most, dtype
        low, high = min(low, least), max(high, most)
    return (low, high, dtype) if low <= high else (0, 0, dtype)


def guarded(path: Path, suffix: str, read: Callable[[], Any]) -> Any:
    """Return what a reader returns; whatever a decoder raises becomes an ImageError that names the file."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read()
    except UsbenchError:
        raise
    except MemoryError:
        raise ImageError(f"The image {path} claims a size that does not fit into memory.") from None
    except Exception as error:  # decoders may raise anything
        reason = str(error).strip().splitlines()
        detail = reason[0][:200] if reason else type(error).__name__
        raise ImageError(f"The image {path} cannot be read as {suffix}: {detail.rstrip('.')}.") from None
