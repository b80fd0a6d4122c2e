"""Locations of the user's copies of public data sets, and the hashes of their files.

`NAME.json` in the user's data folder has the directory, and size, time and SHA-256 of every file that the set reads.
Nothing is copied. A file is hashed again if its size or time changed.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from usbench.core.errors import StoreError, UsageError
from usbench.io.atomic_write import write_whole
from usbench.weights.shards import file_hash

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")

_taken: dict[tuple[str, int, int], str] = {}


def data_folder() -> Path:
    """Return the folder of the indexes: `USBENCH_DATA`, else the user's data folder."""
    given = os.environ.get("USBENCH_DATA")
    return Path(given).expanduser() if given else user_data_path("usbench") / "data"


def added_root(name: str) -> Path | None:
    """Return the directory of a set that was added; None if there is none or it is gone."""
    index = read_index(name)
    root = Path(index["root"]) if index else None
    return root if root and root.is_dir() else None


def read_index(name: str) -> dict[str, Any] | None:
    """Return the index of a set that was added: `root`, `version`, `files`; None if there is none or it is damaged."""
    file = _index_file(name)
    try:
        index = json.loads(file.read_text())
        return index if isinstance(index["root"], str) and isinstance(index["files"], dict) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_index(
    name: str, root: Path, version: str, files: Iterable[Path], done: Callable[[Path], None] = lambda _: None
) -> dict[str, Any]:
    """Hash the files of a set and write its index; an existing one is replaced.

    Parameters
    ----------
    name, version
        Of the data set.
    root
        The directory of the files.
    files
        Those that the set reads.
    done
        Called after each file.

    Raises
    ------
    StoreError
        If the index cannot be written or a file cannot be read.
    """
    root = root.resolve()
    listed = {}
    try:
        for file in files:
            status = file.stat()
            listed[file.relative_to(root).as_posix()] = [status.st_size, status.st_mtime_ns, file_hash(file)]
            done(file)
        index = {"root": str(root), "version": version, "files": dict(sorted(listed.items()))}
        write_whole(_index_file(name), json.dumps(index, indent=0).encode())
    except OSError as error:
        raise StoreError(f"The data set {name} cannot be indexed: {error}.") from None
    return index


def forget(name: str) -> None:
    """Remove the index of a set; its images are left alone.

    Raises
    ------
    UsageError
        If the set was not added.
    """
    try:
        _index_file(name).unlink()
    except OSError:
        raise UsageError(f"The data set {name} was not added; see `usbench data list`.") from None


def files_hash(name: str, root: Path, files: Iterable[Path]) -> str:
    """Return a hash of 16 hex digits of names and contents of files, from the index where it is up to date.

    Raises
    ------
    StoreError
        If a file cannot be read.
    """
    index = read_index(name)
    root = root.resolve()
    listed = index["files"] if index and index["root"] == str(root) else {}
    digest = hashlib.sha256()
    try:
        for file in files:
            relative = file.relative_to(root).as_posix()
            digest.update(f"{relative} {_hash_of(file, listed.get(relative))}\n".encode())
    except OSError as error:
        raise StoreError(f"A file of {name} cannot be read: {error.filename}: {error.strerror}.") from None
    return digest.hexdigest()[:16]


def _hash_of(file: Path, listed: Any) -> str:
    status = file.stat()
    if isinstance(listed, list) and listed[:2] == [status.st_size, status.st_mtime_ns]:
        return str(listed[2])
    key = (str(file), status.st_size, status.st_mtime_ns)
    if key not in _taken:
        _taken[key] = file_hash(file)
    return _taken[key]


def _index_file(name: str) -> Path:
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is not a name of a data set; expected small letters, digits, '.', '_' and '-'.")
    return data_folder() / f"{name}.json"
