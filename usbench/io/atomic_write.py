"""Atomic writes: a file, or a set of files, appears complete or not at all. The suite writes what it keeps here."""

import errno
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SUFFIX = ".partial"
ABANDONED_SECONDS = 3600.0


def write_whole(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file under a temporary name and rename it when it is complete; folders are made.

    A process that is killed meanwhile leaves a file that ends with `.partial`. A `durable` file is on the disk when it
    gets its name, and survives a power cut; files that can be made again need not be.

    Raises
    ------
    OSError
        If the disk is full or the folder is not writable. Nothing half-written stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}")
    try:
        with partial.open("xb") as stream:
            stream.write(content)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        os.replace(partial, path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give an empty folder; at the end of the block what was written there is moved into `folder`, all or nothing.

    If the block raises, or a file cannot be moved, `folder` stays as it was; a process that is killed meanwhile leaves
    a folder that ends with `.partial`. Files of `folder` that were not written anew stay.

    Raises
    ------
    OSError
        If the folder is not writable, or a folder is where a file has to be.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(dir=folder, prefix=f"{os.getpid()}-", suffix=SUFFIX))
    try:
        (stage / "new").mkdir()
        yield stage / "new"
        _move_all(stage / "new", folder, stage / "old")
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        if made:
            with suppress(OSError):
                folder.rmdir()  # if nothing came of it


def _move_all(source: Path, target: Path, before: Path) -> None:
    files = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    for file in files:
        with (source / file).open("rb") as stream:
            os.fsync(stream.fileno())
        if (target / file).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target / file))
    moved: list[Path] = []
    try:
        for file in files:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(target / file):
                (before / file).parent.mkdir(parents=True, exist_ok=True)
                os.replace(target / file, before / file)
            moved.append(file)
            os.replace(source / file, target / file)
    except OSError:
        for file in reversed(moved):
            if (before / file).exists():
                os.replace(before / file, target / file)
            else:
                (target / file).unlink(missing_ok=True)
        raise


def remove_abandoned(folder: Path) -> None:
    """Remove partial files that killed processes left in a folder more than an hour ago."""
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                path.unlink()
