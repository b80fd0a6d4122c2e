"""Orientation of pictures as EXIF and TIFF state it: from stored rows and columns to those that are shown, and back."""

from collections.abc import Callable

import numpy as np

ORIENTATION = 0x0112  # the tag of EXIF and TIFF
TURNED_BACK = {6: 8, 8: 6}  # quarter turns; all others are their own inverse
TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda plane: plane[:, ::-1],
    3: lambda plane: plane[::-1, ::-1],
    4: lambda plane: plane[::-1],
    5: lambda plane: plane.swapaxes(0, 1),
    6: lambda plane: plane[::-1].swapaxes(0, 1),
    7: lambda plane: plane[::-1, ::-1].swapaxes(0, 1),
    8: lambda plane: plane.swapaxes(0, 1)[::-1],
}


def shown(plane: np.ndarray, orientation: int) -> np.ndarray:
    """Return a stored plane as it is shown; `orientation` is 1 to 8, and other values are taken as 1."""
    return TURNS[orientation](plane) if orientation in TURNS else plane


def as_stored(plane: np.ndarray, orientation: int) -> np.ndarray:
    """Return a shown plane as it is stored: the inverse of `shown`."""
    return shown(plane, TURNED_BACK.get(orientation, orientation))
