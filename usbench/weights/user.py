"""Weights that the user added, kept in the user's data folder.

`NAME.json` is the card; it names the files of a subfolder whose name ends with their hash. The card is replaced last
and atomically, so a reader finds either the old or the new weights.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path

from usbench.core.errors import StoreError, UsageError
from usbench.io.atomic_write import write_whole
from usbench.weights.shards import WeightsError, read_index, save_weights, weights_hash

if TYPE_CHECKING:
    import torch

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True)
class UserWeights:
    """Weights read from a user's file and checked.

    Attributes
    ----------
    state
        The state dict.
    card
        Its metadata; `origin` and `origin_sha256` identify the file it came from.
    """

    state: "Mapping[str, torch.Tensor]"
    card: Mapping[str, Any]


def weights_folder() -> Path:
    """Return the folder of the user's weights: `USBENCH_WEIGHTS`, else the user's data folder."""
    given = os.environ.get("USBENCH_WEIGHTS")
    return Path(given).expanduser() if given else user_data_path("usbench") / "weights"


def user_index(name: str) -> Path:
    """Return the path of the index file of weights in the user's data folder, which need not exist.

    Raises
    ------
    UsageError
        If the name is invalid.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is not a name of weights; expected small letters, digits, '.', '_' and '-'.")
    return weights_folder() / f"{name}.json"


def keep(name: str, weights: UserWeights) -> Path:
    """Write weights to the user's data folder, replacing any of that name, and return their index file.

    They are kept in fp32, to be exactly those that their authors published.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    from safetensors import SafetensorError

    index = user_index(name)
    before = _sub_folders(index)
    try:
        index.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=index.parent, prefix=".adding-") as stage:
            staged = save_weights(Path(stage) / "new", name, weights.state, weights.card, half=False)
            about = read_index(staged)
            folder = f"{name}-{weights_hash(staged)}"
            about["files"] = {f"{folder}/{file}": digest for file, digest in about["files"].items()}
            staged.unlink()
            if (index.parent / folder).exists():  # the same weights, perhaps damaged since
                os.replace(index.parent / folder, Path(stage) / "old")
            os.replace(staged.parent, index.parent / folder)
            write_whole(index, (json.dumps(about, indent=1, sort_keys=True) + "\n").encode())
        for old in before - {folder}:
            shutil.rmtree(index.parent / old, ignore_errors=True)
    except (OSError, SafetensorError) as error:
        raise StoreError(f"The weights {name} cannot be written to {index.parent}: {error}.") from None
    return index


def kept() -> list[dict[str, Any]]:
    """Return the weights in the user's data folder, by name: `name`, `bytes`, `sha256`, `origin`, `problem`.

    `sha256` is that of the file they came from; `problem` says what is wrong with a damaged entry.
    """
    return [_entry(index) for index in sorted(weights_folder().glob("*.json")) if NAME.fullmatch(index.stem)]


def drop(name: str) -> None:
    """Remove weights from the user's data folder.

    Raises
    ------
    UsageError
        If there are none of that name.
    StoreError
        If they cannot be removed.
    """
    index = user_index(name)
    if not index.is_file():
        raise UsageError(f"There are no weights {name!r} in {index.parent}; see `usbench weights list`.")
    folders = _sub_folders(index)
    try:
        index.unlink()
        for folder in folders:
            shutil.rmtree(index.parent / folder)
    except OSError as error:
        raise StoreError(f"The weights {name} cannot be removed from {index.parent}: {error}.") from None


def _entry(index: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": index.stem, "bytes": 0, "sha256": "", "origin": "", "problem": ""}
    try:
        about = read_index(index)
        size = sum((index.parent / file).stat().st_size for file in about["files"])
        return entry | {"bytes": size, "sha256": about["origin_sha256"], "origin": about["origin"]}
    except (WeightsError, OSError, KeyError, TypeError, AttributeError):
        return entry | {"problem": "damaged; remove it and add it again"}


def _sub_folders(index: Path) -> set[str]:
    """Return the names of the folders with the files of an index, without trusting paths in it."""
    try:
        paths = [PurePosixPath(file) for file in read_index(index)["files"]]
    except (WeightsError, KeyError, TypeError):
        return set()
    name = re.compile(re.escape(index.stem) + r"-[0-9a-f]{16}")
    return {path.parts[0] for path in paths if len(path.parts) == 2 and name.fullmatch(path.parts[0])}
