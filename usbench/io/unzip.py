"""Unpack an untrusted zip archive.

Members are checked before any is written. Every size that an archive states is bounded, and no more bytes are written
than stated.
"""

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from usbench.core.errors import ImageError

MEMBERS = 500_000
TOTAL_BYTES = 64 * 2**30
MEMBER_BYTES = 16 * 2**30
RATIO = 1000  # of unpacked to packed size; pictures and volumes are far below


def member_path(name: str) -> PurePosixPath | None:
    """Return the path of an archive's member; None if it would be outside of the folder it is unpacked to."""
    path = PurePosixPath(name.replace("\\", "/"))
    unsafe = path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0] or "\0" in name
    return None if unsafe else path


def unzip(archive: Path, folder: Path) -> list[Path]:
    """Unpack a zip archive into a folder and return the files.

    Raises
    ------
    ImageError
        If the archive is damaged, encrypted or too large, or a member would leave the folder or is a link.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [member for member in packed.infolist() if not member.is_dir()]
            _judge(archive, members)
            return [_write(packed, member, folder) for member in members]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ImageError(f"The archive {archive} is damaged or not a zip file: {error}.") from None
    except OSError as error:
        raise ImageError(f"The archive {archive} cannot be unpacked to {folder}: {error.strerror or error}.") from None


def _judge(archive: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MEMBERS or sum(member.file_size for member in members) > TOTAL_BYTES:
        raise ImageError(f"The archive {archive} holds more than {MEMBERS:,} files or {TOTAL_BYTES // 2**30} GB.")
    seen: set[str] = set()
    for member in members:
        path, name = member_path(member.filename), ascii(member.filename)[:80]
        if path is None:
            raise ImageError(f"The archive {archive} is refused: {name} would leave the folder it is unpacked to.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ImageError(f"The archive {archive} is refused: {name} is a link.")
        if member.flag_bits & 1:
            raise ImageError(f"The archive {archive} is encrypted; unpack it yourself and use `usbench data add`.")
        if member.file_size > MEMBER_BYTES or member.file_size > RATIO * max(member.compress_size, 1024):
            raise ImageError(f"The archive {archive} is refused: {name} says that it is {member.file_size:,} bytes.")
        if path.as_posix() in seen:
            raise ImageError(f"The archive {archive} is refused: it holds {name} twice.")
        seen.add(path.as_posix())


def _write(packed: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> Path:
    target = folder.joinpath(*PurePosixPath(member.filename.replace("\\", "/")).parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with packed.open(member) as source, target.open("wb") as stream:  # zipfile stops at the stated size
        shutil.copyfileobj(source, stream, 2**20)
    return target
