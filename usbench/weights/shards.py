"""Trained weights: safetensors in shards, each with its hash."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usbench.core.errors import UsbenchError
from usbench.core.untrusted import is_file_name

if TYPE_CHECKING:
    import torch

SHARD_BYTES = 14 * 2**20
MOST_BYTES = 2**24  # of a card


class WeightsError(UsbenchError):
    """Weights are missing, damaged, or for another network."""


def save_weights(
    folder: Path, name: str, state: "Mapping[str, torch.Tensor]", card: Mapping[str, Any], *, half: bool = True
) -> Path:
    """Write a state dict as safetensors shards, and `name.json` with the card and the SHA-256 of each shard.

    Floats become fp16, or fp32 if not `half`. Integer buffers (counters of batch norm) are kept. Returns the path of
    the JSON file.
    """
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    precision = torch.float16 if half else torch.float32
    stored = {
        key: (value.detach().to("cpu", precision) if value.is_floating_point() else value.cpu()).contiguous()
        for key, value in state.items()
    }
    shards: list[dict[str, torch.Tensor]] = [{}]
    size = 0
    for key, value in stored.items():
        nbytes = value.numel() * value.element_size()
        if shards[-1] and size + nbytes > SHARD_BYTES:
            shards.append({})
            size = 0
        shards[-1][key] = value
        size += nbytes
    files = {}
    for number, shard in enumerate(shards):
        file = f"{name}.safetensors" if len(shards) == 1 else f"{name}-{number + 1}-of-{len(shards)}.safetensors"
        save_file(shard, folder / file)
        files[file] = file_hash(folder / file)
    index = folder / f"{name}.json"
    index.write_text(json.dumps({"files": files, **card}, indent=1, sort_keys=True) + "\n")
    return index


def card_at(path: Path, name: str) -> Path:
    """Return the path of a card of weights, given that, or the folder of a training or of its weights.

    Parameters
    ----------
    path
        As the user wrote it, such as `training/gan-d`.
    name
        Of the plugin, by which its card is named.
    """
    given = path.expanduser()
    return next(
        (card for card in (given / "weights" / f"{name}.json", given / f"{name}.json") if card.is_file()), given
    )


def load_weights(index: Path) -> "dict[str, torch.Tensor]":
    """Return the state dict written by `save_weights`, in float32, after checking the hash of each shard.

    Raises
    ------
    WeightsError
        If a file is missing or does not match its hash.
    """
    import torch
    from safetensors.torch import load_file

    state: dict[str, torch.Tensor] = {}
    for path in weights_files(index):
        state |= load_file(path)
    return {key: value.float() if value.is_floating_point() else value for key, value in state.items()}


def weights_files(index: Path) -> Iterator[Path]:
    """Yield the files of a card of weights, each after checking its hash.

    Raises
    ------
    WeightsError
        If a file is missing or does not match its hash.
    """
    for file, expected in read_index(index)["files"].items():
        path = index.parent / file
        if not path.is_file():
            raise WeightsError(f"The weights file {path} is missing.")
        if file_hash(path) != expected:
            raise WeightsError(f"The weights file {path} is damaged: its SHA-256 is not the one in {index.name}.")
        yield path


def read_index(index: Path) -> dict[str, Any]:
    """Return the card of weights: their files with hashes, and their training.

    Raises
    ------
    WeightsError
        If it cannot be read, or does not name files beside it.
    """
    try:
        if not index.is_file() or index.stat().st_size > MOST_BYTES:  # a device would be read for ever
            raise WeightsError(f"There is no card of weights {index}.")
        card = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(f"The weights {index} cannot be read: {error}.") from None
    files = card.get("files", {}) if isinstance(card, dict) else None
    if not isinstance(files, dict) or not all(_is_beside(name) and isinstance(files[name], str) for name in files):
        raise WeightsError(f"{index} is no card of weights: `files` has to name files beside it, with their SHA-256.")
    return card


def _is_beside(file: str) -> bool:
    """Return whether a file of a card is in the card's folder, or in one folder of it."""
    parts = file.split("/")
    return len(parts) <= 2 and all(map(is_file_name, parts))


def weights_hash(index: Path) -> str:
    """Return a hash of 16 hex digits of all shards; empty if there is no such index."""
    if not index.is_file():
        return ""
    return hashlib.sha256(json.dumps(read_index(index)["files"], sort_keys=True).encode()).hexdigest()[:16]


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
