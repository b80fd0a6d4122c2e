"""NIfTI: the stored numbers are read and replaced in place, so that headers and extensions stay as they are."""

import gzip
from collections.abc import Iterator
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.grey import ROUNDING, GreyScale, scale_of
from usbench.io.image_file import ImageFile, Spacing, extremes
from usbench.io.limits import FILE_BYTES, check_size, unpacked


class NiftiFile(ImageFile):
    """NIfTI-1 and 2 in one file, compressed or not. Planes are over the axes after the second, the third fastest."""

    @cached_property
    def _volume(self) -> Any:
        import nibabel

        return nibabel.load(self.path)

    @cached_property
    def header(self) -> Any:
        """The header, read without the voxels."""
        header = self._volume.header
        shape = header.get_data_shape()
        if len(shape) < 2 or min(shape) < 1:
            raise ImageError(f"The NIfTI file {self.path} has shape {shape} where planes are expected.")
        check_size(self.path, shape[:2], prod(map(int, shape[2:])), header.get_data_dtype().itemsize)
        return header

    @property
    def _shape(self) -> tuple[int, ...]:
        return tuple(int(side) for side in self.header.get_data_shape())

    def count(self) -> int:
        """Return the number of planes."""
        return prod(self._shape[2:])

    @property
    def _place(self) -> int:
        """Return the byte at which voxels begin."""
        return int(self._volume.dataobj.offset)

    @property
    def _bytes(self) -> int:
        return prod(self._shape) * int(self.header.get_data_dtype().itemsize)

    @cached_property
    def _stored(self) -> np.ndarray:
        """The stored numbers as (planes, axial, lateral[, 3])."""
        end = self._place + self._bytes
        with self.path.open("rb") as stream:
            zipped = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            content = unpacked(stream, end, self.path, wbits=31) if zipped else stream.read(end)
        if len(content) < end:
            raise ImageError(f"The image {self.path} is cut short: {end - len(content):,} bytes are missing.")
        dtype = self.header.get_data_dtype()
        values = np.frombuffer(content, dtype, offset=self._place).reshape(self._shape, order="F")
        planes = values.reshape(*self._shape[:2], -1, order="F").transpose(2, 1, 0)
        if dtype.fields:
            planes = np.ascontiguousarray(planes).view(np.uint8).reshape(*planes.shape, -1)
        return planes

    def plane(self, number: int) -> np.ndarray:
        """Return a plane of stored numbers, before slope and intercept."""
        return np.asarray(self._stored[number], dtype=self._stored.dtype.newbyteorder("="))

    def values(self, number: int) -> np.ndarray:
        """Return a plane after slope and intercept."""
        slope, inter = self._slope
        values = self.plane(number)
        return values if (slope, inter) == (1, 0) else values * slope + inter

    @property
    def _slope(self) -> tuple[float, float]:
        return float(self._volume.dataobj.slope), float(self._volume.dataobj.inter)

    @cached_property
    def scale(self) -> GreyScale:
        """Black and white as stored: 0 and 1 after slope and intercept if values are in between, else by the bits."""
        low, high, dtype = extremes(self.planes())
        slope, inter = self._slope
        shown = sorted((low * slope + inter, high * slope + inter))
        if (slope, inter) != (1, 0) and shown[0] >= -ROUNDING and shown[1] <= 1 + ROUNDING * 10:
            return GreyScale(-inter / slope, (1 - inter) / slope)
        if slope < 0:
            raise ImageError(f"The NIfTI file {self.path} has the slope {slope:g}, so larger numbers are darker.")
        if dtype.kind == "f" or (low < 0 and shown[0] >= 0):
            scaled = scale_of(np.dtype("f8" if dtype.kind == "f" else "i4"), shown[0], shown[1], str(self.path))
            return GreyScale(-inter / slope, (scaled.white - inter) / slope, scaled.note)
        return scale_of(dtype, low, high, str(self.path))

    def spacing(self) -> Spacing:
        """Return the size of a pixel as the header has it."""
        zooms = self.header.get_zooms()
        return float(zooms[1]), float(zooms[0])

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write a file with the same header, extensions and everything after the voxels."""
        dtype = self.header.get_data_dtype()
        result = np.stack([np.ascontiguousarray(plane) for plane in planes])
        if dtype.fields:
            result = np.ascontiguousarray(result).view(dtype).reshape(result.shape[:3])
        content = self._content()
        voxels = result.astype(dtype).transpose(2, 1, 0).tobytes(order="F")
        made = content[: self._place] + voxels + content[self._place + self._bytes :]
        zipped = self.path.read_bytes()[:2] == b"\x1f\x8b"
        target.write_bytes(gzip.compress(made, mtime=0) if zipped else made)

    def _content(self) -> bytes:
        with self.path.open("rb") as stream:
            zipped = stream.read(2) == b"\x1f\x8b"
        with gzip.open(self.path) if zipped else self.path.open("rb") as stream:
            return stream.read(FILE_BYTES)
