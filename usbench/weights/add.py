"""Add weights of a registered plugin from a user's file.

A plugin that runs on other people's weights defines the class method `read_weights(file)`. It returns the weights in
the file by name, including its own, as `UserWeights`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from usbench import registry
from usbench.core.errors import UsageError
from usbench.core.parameters import did_you_mean
from usbench.weights.user import UserWeights, keep, user_index


@dataclass(frozen=True)
class Added:
    """Result of `add_weights`: names of added weights, and of those in the file that had been added before."""

    names: tuple[str, ...]
    left: tuple[str, ...]


def add_weights(name: str, file: Path, force: bool = False) -> Added:
    """Read weights of a plugin from a file and keep them, with all others in the file.

    Parameters
    ----------
    name
        A plugin that takes weights.
    file
        The file that its authors published.
    force
        Whether existing weights are replaced. Otherwise, existing weights of other plugins in the file are left alone.

    Raises
    ------
    UsageError
        If no plugin of that name takes weights, the file does not exist, or the weights are there already.
    WeightsError
        If the file does not contain the weights.
    StoreError
        If the user's data folder cannot be written.
    """
    takers = weight_takers()
    if name not in takers:
        known = f"those that do are {', '.join(takers)}." if takers else "no plugin does."
        raise UsageError(f"{name!r} takes no weights; {known}{did_you_mean(name, takers)}")
    if not file.is_file():
        raise UsageError(f"The weights file {file} does not exist.")
    if user_index(name).exists() and not force:
        raise UsageError(f"The weights {name} are there already; --force replaces them.")
    found: Mapping[str, UserWeights] = takers[name].read_weights(file)
    left = [other for other in found if other != name and user_index(other).exists() and not force]
    names = [other for other in found if other not in left]
    for other in names:
        keep(other, found[other])
    return Added(tuple(names), tuple(left))


def weight_takers() -> dict[str, Any]:
    """Return the registered methods and simulators that take weights, by name."""
    found = [plugin for kind in ("methods", "simulators") for plugin in registry.plugins(kind)]
    return {plugin.name: plugin.target for plugin in found if hasattr(plugin.target, "read_weights")}
