"""Read arrays from untrusted HDF5 files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError

MOST_VALUES = 600_000_000


@contextmanager
def opened(file: Path) -> Iterator[Any]:
    """Open a file for reading; errors of h5py become an `ImageError` that names the file."""
    import h5py

    try:
        with h5py.File(file, "r") as stored:
            yield stored
    except ImageError:
        raise
    except Exception as error:  # h5py raises many kinds for damaged files
        reason = str(error).strip().splitlines()
        raise ImageError(f"The file {file} cannot be read as HDF5: {reason[0][:200] if reason else error!r}.") from None


def array(group: Any, key: str, file: Path, select: Any = ...) -> np.ndarray:
    """Return an array of a group, or a part of it.

    Raises
    ------
    ImageError
        If it is missing, is not an array of numbers, or is too large for a recording.
    """
    item = group.get(key)
    if item is None or not hasattr(item, "shape"):
        raise ImageError(f"The file {file} has no array {key!r}.")
    if item.dtype.kind not in "biuf" or item.size > MOST_VALUES or item.is_virtual or item.external:
        raise ImageError(f"The array {key!r} of {file} is not a recording: {item.shape}, {item.dtype}.")
    return np.asarray(item[select])


def number(group: Any, keys: tuple[str, ...], file: Path, default: float | None = None) -> float:
    """Return the first of several numbers that is present.

    Raises
    ------
    ImageError
        If none is present and there is no default.
    """
    for key in keys:
        if key in group:
            values = array(group, key, file).ravel()
            if values.size:
                return float(values[0])
    if default is None:
        raise ImageError(f"The file {file} has none of {', '.join(keys)}.")
    return default
