"""MATLAB files: version 5 to 7.2, and 7.3, which is HDF5 with reversed axes.

MATLAB has frames last: (rows, columns, frames). Of a result, only the image is new; every other variable is copied
byte by byte.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.hdf5 import Hdf5File
from usbench.io.image_file import ImageFile
from usbench.io.layout import Layout, frames_last
from usbench.io.limits import check_size
from usbench.io.numpy_files import ArrayFile

HEADER_BYTES = 128
NUMBERS = ("double", "single", "logical", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")


class MatFile(ArrayFile):
    """A MATLAB file with one array that is an image or a cine."""

    def __new__(cls, path: Path) -> "MatFile | MatHdf5File":  # type: ignore[misc]
        """Return the class for the file's version."""
        import h5py

        return MatHdf5File(path) if h5py.is_hdf5(path) else super().__new__(cls)

    @cached_property
    def _variable(self) -> "Variable":
        found = [variable for variable in self._variables if variable.is_image]
        if len(found) != 1:
            structs = [variable.name for variable in self._variables if variable.kind in ("struct", "cell", "object")]
            inside = f"; what is inside of {', '.join(structs)} is not read" if structs else ""
            holds = f"{len(found)} arrays of two or more dimensions where one is expected"
            raise ImageError(f"The file {self.path} holds {holds}{inside}.")
        return found[0]

    @cached_property
    def _variables(self) -> list["Variable"]:
        content = self.path.read_bytes()
        if content[124:128] != b"\x00\x01IM":
            raise ImageError(f"The file {self.path} is no MATLAB file of version 5 to 7.3; save it with `save -v7`.")
        return variables(content)

    @cached_property
    def _array(self) -> np.ndarray:
        import scipy.io

        variable = self._variable
        rows, columns, *frames = variable.shape
        check_size(self.path, (rows, columns), prod(frames), 8)
        content = self.path.read_bytes()
        alone = io.BytesIO(content[:HEADER_BYTES] + content[variable.start : variable.stop])
        values = scipy.io.loadmat(alone, mat_dtype=True)[variable.name]
        return _whole(values) if variable.kind == "double" else values

    @cached_property
    def layout(self) -> Layout:
        """Rows, columns, and then frames or colours."""
        return frames_last(self._array.shape, lambda: self._array)

    def reopened(self, path: Path) -> ImageFile:
        """Return a result of this file, with the same axes: its content may suggest others."""
        made = type(self)(path)
        made.layout = self.layout
        return made

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write the image in the class that it has; all other variables are copied as they are."""
        import scipy.io

        variable = self._variable
        result = self._result(planes)
        result = result.astype(np.float64) if variable.kind == "double" else result
        content = self.path.read_bytes()
        packed = content[variable.start : variable.start + 4] == struct.pack("<I", COMPRESSED)
        made = io.BytesIO()
        scipy.io.savemat(made, {variable.name: result}, do_compression=packed, long_field_names=True)
        element = made.getvalue()[HEADER_BYTES:]
        target.write_bytes(content[: variable.start] + element + content[variable.stop :])


COMPRESSED, MATRIX = 15, 14  # types of elements


@dataclass(frozen=True)
class Variable:
    """A variable of a MATLAB file: its name, shape and class, and the bytes that it takes."""

    name: str
    shape: tuple[int, ...]
    kind: str
    start: int
    stop: int

    @property
    def is_image(self) -> bool:
        """Whether it is a numeric array that can be an image."""
        return self.kind in NUMBERS and len(self.shape) >= 2 and min(self.shape) > 1


def variables(content: bytes) -> list[Variable]:
    """Return the variables of a MATLAB file from their headers."""
    import scipy.io

    found, place = [], HEADER_BYTES
    while place + 8 <= len(content):
        kind, length = struct.unpack("<II", content[place : place + 8])
        if kind not in (COMPRESSED, MATRIX):
            raise ImageError("an element is no variable")
        stop = place + 8 + length
        alone = io.BytesIO(content[:HEADER_BYTES] + content[place:stop])
        found += [
            Variable(name, tuple(map(int, shape)), of, place, stop) for name, shape, of in scipy.io.whosmat(alone)
        ]
        place = stop
    return found


def _whole(values: np.ndarray) -> np.ndarray:
    """Return doubles as whole numbers if that is what they are: MATLAB's usual class holds pictures of 0 to 255 too."""
    if values.max(initial=0) > 1 and values.min(initial=0) >= 0 and values.max() <= 65535:
        whole = values.astype(np.uint16)
        if np.array_equal(whole, values):
            return whole.astype(np.uint8) if whole.max() <= 255 else whole
    return values


class MatHdf5File(Hdf5File, MatFile):
    """MATLAB 7.3: HDF5 in which the axes of each array are reversed."""

    def __new__(cls, path: Path) -> "MatHdf5File":
        """Return the file."""
        return object.__new__(cls)

    @cached_property
    def _array(self) -> np.ndarray:
        return self._data.T

    def _as_stored(self, values: np.ndarray) -> np.ndarray:
        return values.T
