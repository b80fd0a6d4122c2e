"""Read an untrusted state dict saved with torch, without running code in it."""

import io
import re
import warnings
import zipfile
from typing import TYPE_CHECKING

from usbench.weights.shards import WeightsError

if TYPE_CHECKING:
    import torch

RECORDS = 10_000
RECORD_BYTES = 2**30


def read_state_dict(content: bytes, what: str) -> "dict[str, torch.Tensor]":
    """Return the tensors of a `.pth` file by name.

    Only `torch.load(weights_only=True)` is used, which builds tensors and plain containers and refuses everything else.
    The prefix `module.` of names, which `DataParallel` adds, is removed.

    Parameters
    ----------
    content
        The file's bytes, in torch's zip format or the older one.
    what
        Name of the file in messages.

    Raises
    ------
    WeightsError
        If the file is damaged, holds anything but dense tensors by name, or asks to run code.
    """
    import torch

    _check_records(content, what)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # a malformed pickle may raise anything
        raise WeightsError(_refusal(error, what)) from None
    if not isinstance(loaded, dict) or not loaded:
        raise WeightsError(f"{what} holds {_kind(loaded)} where a state dict (names with tensors) is expected.")
    for name, value in loaded.items():
        dense = isinstance(value, torch.Tensor) and value.layout == torch.strided and value.device.type == "cpu"
        if not isinstance(name, str) or not dense or value.is_quantized:
            found = f"{_kind(value)} under {str(name)[:60]!r}"
            raise WeightsError(f"{what} holds {found} where a dense tensor by name is expected.")
    prefixed = all(name.startswith("module.") for name in loaded)
    return {name.removeprefix("module.") if prefixed else name: value for name, value in loaded.items()}


def _check_records(content: bytes, what: str) -> None:
    """Refuse a zip with compressed or large records: torch stores them uncompressed."""
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as records:
            infos = records.infolist()
    except (zipfile.BadZipFile, ValueError, LookupError, OverflowError, NotImplementedError, OSError):
        raise WeightsError(f"{what} cannot be read as weights: it is cut short or damaged.") from None
    if len(infos) > RECORDS or sum(info.file_size for info in infos) > RECORD_BYTES:
        raise WeightsError(f"{what} unpacks to more than {RECORDS:,} records or {RECORD_BYTES:,} bytes.")
    if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
        raise WeightsError(f"{what} has compressed records; torch saves weights without compression.")


def _refusal(error: Exception, what: str) -> str:
    asked = re.search(r"GLOBAL ([\w.]+)", str(error))
    if asked:
        return f"{what} is refused: it asks for {asked[1]}, which is no tensor; nothing in it was run."
    return f"{what} cannot be read as weights: it is cut short or damaged, or does not contain only tensors."


def _kind(value: object) -> str:
    return f"an empty {type(value).__name__}" if value in ({}, [], ()) else f"a {type(value).__name__}"
