"""Provenance of a run: commit, library versions and machine."""

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from usbench.evaluation.limits import cores

LIBRARIES = (
    "usbench",
    "torch",
    "numpy",
    "scipy",
    "scikit-image",
    "numba",
    "pandas",
    "pyarrow",
    "bm3d",
    "piq",
    "pydicom",
    "pymust",
)


def provenance(keys: list[str], **settings: Any) -> dict[str, Any]:
    """Return time, commit, library versions and machine of a run, its settings and the keys of its plan."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "python": platform.python_version(),
        "libraries": library_versions(),
        "platform": platform.platform(),
        "cpu": cpu_name(),
        "cores": cores(),
        "gpu": gpu_name(),
        "settings": settings,
        "keys": keys,
    }


@cache
def library_versions() -> Mapping[str, str]:
    """Return the versions of the libraries that results depend on; empty for those that are not installed."""
    return {name: _version(name) for name in LIBRARIES}


@cache
def commit() -> str:
    """Return the commit of usbench's source tree, with `+` if it has local changes; empty outside a checkout."""
    folder = Path(__file__).parent

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10)
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        if not git("ls-files", str(Path(__file__))):
            return ""
        head = git("rev-parse", "HEAD")
        return head + "+" * bool(head and git("status", "--porcelain"))
    except (OSError, subprocess.SubprocessError):
        return ""


@cache
def cpu_name() -> str:
    """Return the processor's model name."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def gpu_name() -> str:
    """Return the first accelerator's name, or an empty string; without importing torch if there is no driver."""
    if not os.path.exists("/dev/nvidiactl"):
        return ""
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""


def hardware(device: str) -> str:
    """Return the hardware of a measured time; times of different hardware are never compared."""
    return (gpu_name() or device) if device.startswith("cuda") else cpu_name()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
