"""NRRD with its values in the same file, raw or compressed with gzip."""

import gzip
import io
from collections.abc import Iterator
from functools import cached_property
from math import hypot, prod
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.image_file import ImageFile, Spacing
from usbench.io.layout import SIDE
from usbench.io.limits import check_size, unpacked

HEADER_BYTES = 2**20
MAGIC = b"NRRD"
ENCODINGS = {"raw": False, "gzip": True, "gz": True}
TYPES = {
    **dict.fromkeys(("signed char", "int8", "int8_t"), "i1"),
    **dict.fromkeys(("uchar", "unsigned char", "uint8", "uint8_t"), "u1"),
    **dict.fromkeys(("short", "short int", "signed short", "signed short int", "int16", "int16_t"), "i2"),
    **dict.fromkeys(("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"), "u2"),
    **dict.fromkeys(("int", "signed int", "int32", "int32_t"), "i4"),
    **dict.fromkeys(("uint", "unsigned int", "uint32", "uint32_t"), "u4"),
    **dict.fromkeys(("longlong", "long long", "int64", "int64_t"), "i8"),
    **dict.fromkeys(("ulonglong", "unsigned long long", "uint64", "uint64_t"), "u8"),
    "float": "f4",
    "double": "f8",
}
COLOURS = ("RGB-color", "RGBA-color", "3-color", "4-color")


class NrrdFile(ImageFile):
    """NRRD: axes are x, y and then those of planes, after the channels of a colour image."""

    @cached_property
    def _start(self) -> bytes:
        """The header, up to and with the empty line that ends it."""
        with self.path.open("rb") as stream:
            content = stream.read(HEADER_BYTES)
        for end in (b"\n\n", b"\r\n\r\n"):
            if content.startswith(MAGIC) and end in content:
                return content[: content.index(end) + len(end)]
        raise ImageError(f"The NRRD file {self.path} has no whole header.")

    @cached_property
    def header(self) -> dict[str, Any]:
        """The fields of the header."""
        import nrrd

        header = dict(nrrd.read_header(io.BytesIO(self._start)))
        if "data file" in header or "datafile" in header:
            raise ImageError(f"The NRRD file {self.path} has its values in another file, which is not read.")
        if header.get("encoding") not in ENCODINGS:
            raise ImageError(
                f"The NRRD file {self.path} is encoded as {header.get('encoding')}; raw and gzip are read."
            )
        if any(int(header.get(key, 0)) for key in ("byte skip", "byteskip", "line skip", "lineskip")):
            raise ImageError(f"The NRRD file {self.path} skips bytes after its header, which is not read.")
        sizes = [int(side) for side in header["sizes"]]
        if len(sizes) < 2 or min(sizes) < 1:
            raise ImageError(f"The NRRD file {self.path} has the size {sizes}, which is no image.")
        return header

    @cached_property
    def _dtype(self) -> np.dtype:
        kind = str(self.header.get("type")).lower()
        if kind not in TYPES:
            raise ImageError(f"The NRRD file {self.path} holds {kind} values where grey numbers are expected.")
        return np.dtype(TYPES[kind]).newbyteorder(">" if self.header.get("endian") == "big" else "<")

    @cached_property
    def _channels(self) -> int:
        sizes = [int(side) for side in self.header["sizes"]]
        if len(sizes) < 3 or sizes[0] not in (3, 4):
            return 0
        kinds = self.header.get("kinds") or []
        coloured = kinds[0] in (*COLOURS, "vector") if len(kinds) else min(sizes[1:3]) >= SIDE
        return sizes[0] if coloured else 0

    @property
    def _shape(self) -> tuple[int, ...]:
        """Slowest axis first, channels last."""
        sizes = [int(side) for side in self.header["sizes"]]
        return (*sizes[::-1][:-1], sizes[0]) if self._channels else tuple(sizes[::-1])

    def count(self) -> int:
        """Return the number of planes."""
        sides = self._shape[:-1] if self._channels else self._shape
        frames = prod(sides[:-2])
        check_size(self.path, sides[-2:], frames, self._dtype.itemsize * (self._channels or 1))
        return frames

    @cached_property
    def _stack(self) -> np.ndarray:
        frames = self.count()
        wanted = prod(self._shape) * self._dtype.itemsize
        with self.path.open("rb") as stream:
            stream.seek(len(self._start))
            zipped = ENCODINGS[self.header["encoding"]]
            content = unpacked(stream, wanted, self.path, wbits=31) if zipped else stream.read(wanted)
        if len(content) < wanted:
            raise ImageError(f"The NRRD file {self.path} is cut short: {wanted - len(content):,} bytes are missing.")
        values = np.frombuffer(content, self._dtype).reshape(self._shape)
        return values.reshape(frames, *self._shape[-(3 if self._channels else 2) :])

    def plane(self, number: int) -> np.ndarray:
        """Return a plane."""
        return np.asarray(self._stack[number], dtype=self._dtype.newbyteorder("="))

    def spacing(self) -> Spacing:
        """Return the size of a pixel: of the first two axes in space."""
        first = 1 if self._channels else 0
        spacings, directions = self.header.get("spacings"), self.header.get("space directions")
        if spacings is not None:
            sizes = [float(size) for size in spacings[first : first + 2]]
        elif directions is not None:
            sizes = [hypot(*map(float, axis)) for axis in directions[first : first + 2]]
        else:
            return None
        return (sizes[1], sizes[0]) if np.isfinite(sizes).all() else None

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write the values after the same header."""
        values = np.stack(list(planes)).astype(self._dtype).tobytes()
        zipped = ENCODINGS[self.header["encoding"]]
        target.write_bytes(self._start + (gzip.compress(values, mtime=0) if zipped else values))
