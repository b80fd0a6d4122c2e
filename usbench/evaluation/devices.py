"""Devices for methods: one device, or several GPUs of one machine shared by worker processes."""

import os
import re
from dataclasses import dataclass

from usbench.core.errors import UsageError


@dataclass(frozen=True)
class Devices:
    """The devices of a run.

    Attributes
    ----------
    name
        The device for methods and in rows: `cpu`, `cuda`, or one GPU such as `cuda:1`. Several GPUs are `cuda`.
    numbers
        Numbers of the GPUs that processes share; empty for a single device.
    """

    name: str
    numbers: tuple[int, ...] = ()


def resolve_devices(text: str) -> Devices:
    """Return the devices for `cpu`, `auto`, `cuda` (all visible GPUs), `cuda:1` or `cuda:0,cuda:1`.

    Raises
    ------
    UsageError
        If torch does not know a device or has none of the kind, or if several are named that are not all GPUs.
    """
    names = [resolve_device(name) for name in text.split(",")]
    if len(names) > 1:
        if not all(re.fullmatch(r"cuda:\d+", name) for name in names):
            raise UsageError(f"The devices {text!r} cannot share units; expected GPUs such as cuda:0,cuda:1.")
        return Devices("cuda", tuple(dict.fromkeys(int(name.partition(":")[2]) for name in names)))
    if names == ["cuda"]:
        import torch

        return Devices("cuda", tuple(range(torch.cuda.device_count())))
    return Devices(names[0])


def resolve_device(device: str) -> str:
    """Return the device of a name, `cuda` or `cpu` for `auto`.

    Raises
    ------
    UsageError
        If torch does not know the device or has none of the kind.
    """
    if device == "cpu":
        return device
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"The device {device!r} cannot be used: {reason}") from None
    return device


def bind_to_gpu(number: int) -> None:
    """Let `cuda` be the visible GPU `number` in this process, which must not have used any GPU yet."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    os.environ["CUDA_VISIBLE_DEVICES"] = visible.split(",")[number].strip() if visible else str(number)
