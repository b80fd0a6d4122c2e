"""Atomic writes: a file appears complete or not at all."""

import os
import secrets
import time
from contextlib import suppress
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


def remove_abandoned(folder: Path) -> None:
    """Remove partial files that killed processes left in a folder more than an hour ago."""
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                path.unlink()
