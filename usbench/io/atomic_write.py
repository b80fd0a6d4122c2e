"""Files that appear whole or not at all."""

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

SUFFIX = ".partial"
ABANDONED_SECONDS = 3600.0


def write_whole(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file that has its name only when all of it is on the disk; folders are made.

    Whoever is killed meanwhile leaves a file that ends with `.partial` and that nobody reads. What can be made again
    need not be `durable`, that is survive a power cut, and is written without waiting for the disk.

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
    """Remove what processes that were killed left half-written in a folder, once it is an hour old."""
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                path.unlink()
