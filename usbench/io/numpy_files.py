"""NPY and NPZ; headers are read before arrays, and nothing is unpickled."""

import shutil
import zipfile
from collections.abc import Iterator
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.image_file import ImageFile
from usbench.io.layout import Layout, frames_first
from usbench.io.limits import FILE_BYTES, check_size

Header = tuple[tuple[int, ...], bool, np.dtype]  # shape, whether the order is Fortran's, type


def read_header(stream: Any, path: Path) -> Header:
    """Return the header of a NPY stream, which is then at its data.

    Raises
    ------
    ImageError
        If it holds Python objects or claims more than is read.
    """
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    else:
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    if dtype.hasobject:
        raise ImageError(f"The file {path} holds Python objects, which are not read.")
    if len(shape) >= 2:
        layout = frames_first(shape)
        sides = [shape[axis] for axis in layout.axes]
        tail = -(3 if layout.channels else 2)
        check_size(path, sides[tail:][:2], prod(sides[:tail]), dtype.itemsize * (layout.channels or 1))
    return shape, fortran, dtype


class ArrayFile(ImageFile):
    """Base of files with one array that is an image or a stack of images."""

    @cached_property
    def _array(self) -> np.ndarray:
        """The array as stored."""
        raise NotImplementedError

    @cached_property
    def layout(self) -> Layout:
        """Which axes of the array are which."""
        return frames_first(self._array.shape)

    def count(self) -> int:
        """Return the number of planes."""
        return len(self._stack)

    @cached_property
    def _stack(self) -> np.ndarray:
        array = self._array
        if array.ndim < 2:
            raise ImageError(f"The image {self.path} has shape {array.shape} where planes are expected.")
        if not array.size:
            raise ImageError(f"The image {self.path} is empty ({' x '.join(map(str, array.shape))}).")
        return self.layout.stack(array)

    def plane(self, number: int) -> np.ndarray:
        """Return a plane."""
        return np.asarray(self._stack[number], dtype=self._stack.dtype.newbyteorder("="))

    def _result(self, planes: Iterator[np.ndarray]) -> np.ndarray:
        """Return planes as an array like the stored one."""
        return self.layout.array(np.stack(list(planes))).astype(self._array.dtype)


class NpyFile(ArrayFile):
    """NPY: the header is kept byte by byte."""

    @cached_property
    def _header(self) -> tuple[Header, int]:
        with self.path.open("rb") as stream:
            return read_header(stream, self.path), stream.tell()

    @cached_property
    def _array(self) -> np.ndarray:
        (shape, fortran, dtype), place = self._header
        if self.path.stat().st_size < place + prod(shape) * dtype.itemsize:
            raise ImageError(f"The image {self.path} is cut short: it has fewer values than its header says.")
        if not prod(shape):
            return np.zeros(shape, dtype)
        return np.memmap(self.path, dtype, "r", place, shape, order="F" if fortran else "C")

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write the array with the same header."""
        (_, fortran, _), place = self._header
        with self.path.open("rb") as stream:
            header = stream.read(place)
        target.write_bytes(header + self._result(planes).tobytes(order="F" if fortran else "C"))


class NpzFile(ArrayFile):
    """NPZ with one array that is an image; the others are copied."""

    @cached_property
    def _member(self) -> str:
        """The name of the image."""
        with zipfile.ZipFile(self.path) as packed:
            if sum(member.file_size for member in packed.infolist()) > FILE_BYTES:
                raise ImageError(f"{self.path} unpacks to more than {FILE_BYTES:,} bytes, which is not read.")
            found = [name for name in packed.namelist() if name.endswith(".npy") and self._is_image(packed, name)]
        if len(found) != 1:
            raise ImageError(
                f"The file {self.path} holds {len(found)} arrays of two or more dimensions where one is expected."
            )
        return found[0]

    def _is_image(self, packed: zipfile.ZipFile, name: str) -> bool:
        with packed.open(name) as stream:
            try:
                shape, _, dtype = read_header(stream, self.path)
            except ImageError as error:
                if "Python objects" in str(error):
                    return False
                raise
        return dtype.kind in "buif" and len(shape) >= 2 and min(shape) > 1

    @cached_property
    def _array(self) -> np.ndarray:
        with zipfile.ZipFile(self.path) as packed, packed.open(self._member) as stream:
            return _read_array(stream)

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write all members, in their order and with their compression."""
        result = self._result(planes)
        result = np.asfortranarray(result) if self._array.flags.f_contiguous else np.ascontiguousarray(result)
        with zipfile.ZipFile(self.path) as packed, zipfile.ZipFile(target, "w") as made:
            for member in packed.infolist():
                copy = zipfile.ZipInfo(member.filename, member.date_time)
                copy.compress_type, copy.external_attr = member.compress_type, member.external_attr
                with made.open(copy, "w", force_zip64=True) as stream, packed.open(member) as source:
                    if member.filename == self._member:
                        np.lib.format.write_array(stream, result, allow_pickle=False)
                    else:
                        shutil.copyfileobj(source, stream)


def _read_array(stream: BinaryIO | Any) -> np.ndarray:
    return np.lib.format.read_array(stream, allow_pickle=False)
