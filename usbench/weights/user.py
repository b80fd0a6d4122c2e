"""Weights that the user added: kept in the user's data folder, apart from those that are shipped.

`NAME.json` is the card; it names the files of one sub-folder, whose name ends with their hash. The card is replaced
last and at once, so a reader finds the old weights or the new ones and never a part of either.
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
from usbench.weights.shards import WeightsError, read_index, save_weights, weights_hash

if TYPE_CHECKING:
    import torch

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True)
class UserWeights:
    """Weights read from a user's file, checked and ready to be kept.

    Attributes
    ----------
    state
        The state dict.
    card
        What is known of it; `origin` and `origin_sha256` say which file it came from.
    """

    state: "Mapping[str, torch.Tensor]"
    card: Mapping[str, Any]


def weights_folder() -> Path:
    """Return where weights of the user's are kept: `USBENCH_WEIGHTS`, else the user's data folder."""
    given = os.environ.get("USBENCH_WEIGHTS")
    return Path(given).expanduser() if given else user_data_path("usbench") / "weights"


def user_index(name: str) -> Path:
    """Return the index file of weights in the user's data folder, whether or not they are there.

    Raises
    ------
    UsageError
        If the name is not a plain name.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is not a name of weights; expected small letters, digits, '.', '_' and '-'.")
    return weights_folder() / f"{name}.json"


def keep(name: str, weights: UserWeights) -> Path:
    """Write weights to the user's data folder, in place of any of that name, and return their index file.

    They are kept in fp32: they are there to give exactly what their authors published, and the folder is the user's
    own, where size matters less than in a distribution.

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
            card = Path(stage) / index.name
            card.write_text(json.dumps(about, indent=1, sort_keys=True) + "\n")
            os.replace(card, index)
        for old in before - {folder}:
            shutil.rmtree(index.parent / old, ignore_errors=True)
    except (OSError, SafetensorError) as error:
        raise StoreError(f"The weights {name} cannot be written to {index.parent}: {error}.") from None
    return index


def kept() -> list[dict[str, Any]]:
    """Return what is in the user's data folder, by name: `name`, `bytes`, `sha256`, `origin`, `problem`.

    `sha256` is that of the file that the user gave; `problem` says what is wrong with a damaged entry.
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
    """Return the names of the folders with the files of an index, trusting no path that is written there."""
    try:
        paths = [PurePosixPath(file) for file in read_index(index)["files"]]
    except (WeightsError, KeyError, TypeError):
        return set()
    name = re.compile(re.escape(index.stem) + r"-[0-9a-f]{16}")
    return {path.parts[0] for path in paths if len(path.parts) == 2 and name.fullmatch(path.parts[0])}
