"""Read single files from an untrusted tar archive.

Nothing is unpacked to disk. Members are checked by their headers in order, and wanted ones are read into memory. Every
size that an archive states is bounded.
"""

import gzip
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO, Any

from usbench.io.unzip import member_path
from usbench.weights.shards import WeightsError

MEMBERS = 1000
MEMBER_BYTES = 2**30  # U-Net-256 of the usual width takes 218 MB
ARCHIVE_BYTES = 4 * 2**30  # after decompression
HEADER_BYTES = 2**20  # long names and the like
CHUNK = 2**20

GZIP = b"\x1f\x8b"
TAR_AT, TAR = 257, b"ustar"


def is_archive(file: Path) -> bool:
    """Return whether a file is a tar archive, plain or gzipped, by its first bytes."""
    with file.open("rb") as stream:
        start = stream.read(TAR_AT + len(TAR))
    return start.startswith(GZIP) or start[TAR_AT:] == TAR


def read_members(file: Path, wanted: Callable[[PurePosixPath], str | None]) -> dict[str, bytes]:
    """Return the contents of wanted members, by the keys that `wanted` returns.

    Parameters
    ----------
    file
        A tar archive, plain or gzipped.
    wanted
        Maps a member's path to a key, or to None if it is to be skipped.

    Raises
    ------
    WeightsError
        If any member, wanted or not, would be outside of the folder it is unpacked to, or is not a file or folder; if
        there are too many members or they are too large; if two have the same key; or if the archive is damaged.
    """
    try:
        with file.open("rb") as raw, _decompressed(raw) as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            return _walk(archive, wanted, file.name)
    except WeightsError as error:
        raise WeightsError(f"{file.name} is refused: {error}") from None
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, LookupError, OverflowError, RecursionError):
        raise WeightsError(f"{file.name} is not a whole tar archive: it is cut short or damaged.") from None


def _walk(archive: tarfile.TarFile, wanted: Callable[[PurePosixPath], str | None], name: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for number, member in enumerate(archive, start=1):
        if number > MEMBERS:
            raise WeightsError(f"it has more than {MEMBERS} members.")
        path = _safe_path(member)
        key = wanted(path) if member.isreg() else None
        if key in found:
            raise WeightsError(f"more than one member is {'/'.join(path.parts[-2:])}.")
        if key is not None:
            if member.size > MEMBER_BYTES:
                raise WeightsError(f"{_short(member)} is {member.size:,} bytes long; at most {MEMBER_BYTES:,} is read.")
            found[key] = _content(archive, member)
    return found


def _safe_path(member: tarfile.TarInfo) -> PurePosixPath:
    """Return the path of a member that is a plain file or folder inside the archive; raise WeightsError for others."""
    path = member_path(member.name or "?")
    if path is None:
        raise WeightsError(f"the member {_short(member)} would leave the folder it is unpacked to.")
    if member.issym() or member.islnk():
        raise WeightsError(f"the member {_short(member)} is a link; only files and folders are expected.")
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise WeightsError(f"the member {_short(member)} is a device or another special file.")
    if not 0 <= member.size <= ARCHIVE_BYTES:
        raise WeightsError(f"the member {_short(member)} says that it is {member.size:,} bytes long.")
    return path


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(member)
    chunks = iter(lambda: stream.read(CHUNK), b"") if stream else ()
    content = b"".join(chunks)
    if len(content) != member.size:
        raise tarfile.ReadError("unexpected end of data")
    return content


def _short(member: tarfile.TarInfo) -> str:
    """Return the member's name as a short printable word."""
    text = ascii(member.name)
    return text if len(text) <= 80 else f"{text[:77]}...'"


def _decompressed(raw: IO[bytes]) -> Any:
    gzipped = raw.read(len(GZIP)) == GZIP
    raw.seek(0)
    return _Bounded(gzip.GzipFile(fileobj=raw) if gzipped else raw)


class _Bounded:
    """A stream with bounded reads and a bounded length.

    tarfile reads the extension of a header in one piece, as long as the header says, before anyone can check it.
    """

    def __init__(self, stream: IO[bytes] | gzip.GzipFile) -> None:
        self._stream = stream

    def __enter__(self) -> "_Bounded":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= HEADER_BYTES:
            raise WeightsError(f"one of its headers is longer than {HEADER_BYTES:,} bytes.")
        self._within(self._stream.tell() + size)
        return self._stream.read(size)

    def seek(self, position: int, whence: int = 0) -> int:
        if whence or position < 0:
            raise WeightsError("one of its headers points outside the archive.")
        self._within(position)
        return self._stream.seek(position)

    def tell(self) -> int:
        return self._stream.tell()

    def _within(self, position: int) -> None:
        if position > ARCHIVE_BYTES + HEADER_BYTES:
            raise WeightsError(f"it unpacks to more than {ARCHIVE_BYTES:,} bytes.")
