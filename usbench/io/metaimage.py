"""MetaImage (.mha, .mhd): a text header and raw or zlib-compressed voxels.

It is read here and not with SimpleITK, whose wheel has 50 MB: the format is simple, and sizes in a header must be
bounded before memory is allocated.
"""

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.limits import FILE_BYTES, unpacked

MOST_HEADER_BYTES = 2**20
TYPES = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2", "MET_INT": "i4", "MET_UINT": "u4",
    "MET_LONG": "i4", "MET_ULONG": "u4", "MET_LONG_LONG": "i8", "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip


@dataclass(frozen=True)
class Header:
    """The header of a MetaImage.

    Attributes
    ----------
    size, spacing
        Per axis, the fastest first: x, y, z. Spacing is in mm.
    dtype
        Of a voxel, with its byte order.
    channels
        Values in a voxel.
    data, offset
        The file with the voxels, and the byte at which they begin; -1 if they are at its end.
    compressed
        Whether they are one zlib stream.
    fields
        All lines by key.
    """

    size: tuple[int, ...]
    spacing: tuple[float, ...]
    dtype: np.dtype
    channels: int
    data: Path
    offset: int
    compressed: bool
    fields: dict[str, str]

    @property
    def bytes(self) -> int:
        """Bytes of all voxels."""
        return int(np.prod([int(n) for n in self.size], dtype=object)) * self.channels * self.dtype.itemsize


def read_header(path: Path) -> Header:
    """Return the header.

    Raises
    ------
    ImageError
        If a required line is missing or invalid, or the voxels are in a file outside the header's folder.
    """
    fields: dict[str, str] = {}
    with path.open("rb") as stream:
        while "ElementDataFile" not in fields:
            line = stream.readline(MOST_HEADER_BYTES)
            if not line or stream.tell() > MOST_HEADER_BYTES:
                raise ImageError(f"The MetaImage {path} has no whole header: the line ElementDataFile is missing.")
            key, equals, value = line.decode("latin-1").partition("=")
            if not equals:
                raise ImageError(f"The MetaImage {path} has a header line that is not KEY = VALUE.")
            fields[key.strip()] = value.strip()
        offset = stream.tell()
    try:
        size = tuple(int(part) for part in fields["DimSize"].split())
        spacing = tuple(
            abs(float(part)) for part in fields.get("ElementSpacing", fields.get("ElementSize", "")).split()
        )
        channels = int(fields.get("ElementNumberOfChannels", 1))
        skip = int(fields.get("HeaderSize", 0))
    except (KeyError, ValueError) as error:
        raise ImageError(f"The MetaImage {path} has a header without a readable size ({error}).") from None
    if fields.get("BinaryData", "True").lower() == "false":
        raise ImageError(f"The MetaImage {path} has its voxels as text, which is not read.")
    if fields.get("ElementType") not in TYPES:
        raise ImageError(f"The MetaImage {path} has voxels of type {fields.get('ElementType')}, which is not read.")
    if not size or min(size) < 1 or not 1 <= channels <= 4 or int(fields.get("NDims", len(size)) or 0) != len(size):
        raise ImageError(f"The MetaImage {path} claims the size {fields['DimSize']}, which is none.")
    big = "true" in (fields.get("BinaryDataByteOrderMSB", "").lower(), fields.get("ElementByteOrderMSB", "").lower())
    dtype = np.dtype(TYPES[fields["ElementType"]]).newbyteorder(">" if big else "<")
    local = fields["ElementDataFile"].upper() == "LOCAL"
    header = Header(
        size=size,
        spacing=spacing if len(spacing) == len(size) else (1.0,) * len(size),
        dtype=dtype,
        channels=channels,
        data=path if local else _beside(path, fields["ElementDataFile"]),
        offset=offset if local else skip,
        compressed=fields.get("CompressedData", "").lower() == "true",
        fields=fields,
    )
    if header.bytes > FILE_BYTES:
        raise ImageError(f"The MetaImage {path} claims {header.bytes:,} bytes; more than {FILE_BYTES:,} are not read.")
    return header


def read_voxels(path: Path) -> tuple[np.ndarray, Header]:
    """Return the voxels, slowest axis first and channels last, and the header.

    Raises
    ------
    ImageError
        As `read_header`, or if there are fewer voxels than the header says.
    """
    header = read_header(path)
    with header.data.open("rb") as stream:
        length = stream.seek(0, 2)
        if not header.compressed and (header.offset < 0 or length - header.offset < header.bytes):
            header_at = length - header.bytes if header.offset < 0 else -1
        else:
            header_at = max(header.offset, 0)
        if header_at < 0:
            raise ImageError(
                f"The MetaImage {path} is cut short: {header.bytes:,} bytes are claimed and {length:,} are there."
            )
        stream.seek(header_at)
        content = unpacked(stream, header.bytes, path) if header.compressed else stream.read(header.bytes)
    shape = header.size[::-1] + ((header.channels,) if header.channels > 1 else ())
    return np.frombuffer(content, header.dtype).reshape(shape), header


def _beside(path: Path, name: str) -> Path:
    data = path.parent / name
    if Path(name).name != name or not data.is_file():
        raise ImageError(f"The MetaImage {path} has its voxels in {name[:80]!r}, which is not a file in its folder.")
    return data


def write_voxels(path: Path, voxels: np.ndarray, like: Header) -> None:
    """Write voxels with the header lines, byte order and compression of another file.

    A `.mhd` file gets its voxels beside it, as `NAME.raw` or `NAME.zraw`; a `.mha` file holds them.
    """
    content = np.ascontiguousarray(voxels, like.dtype).tobytes()
    content = zlib.compress(content) if like.compressed else content
    fields = {key: value for key, value in like.fields.items() if key not in ("CompressedDataSize", "HeaderSize")}
    if like.compressed:
        fields["CompressedDataSize"] = str(len(content))
    apart = path.with_suffix(".zraw" if like.compressed else ".raw") if path.suffix.lower() == ".mhd" else None
    fields.pop("ElementDataFile")
    fields["ElementDataFile"] = apart.name if apart else "LOCAL"  # the last line of any header
    text = "".join(f"{key} = {value}\n" for key, value in fields.items())
    if apart:
        apart.write_bytes(content)
    path.write_bytes(text.encode("latin-1") + (b"" if apart else content))
