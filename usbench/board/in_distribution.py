"""Which results are in distribution: the method was trained on the set's source or simulator."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from usbench import registry
from usbench.board.controls import base_name
from usbench.board.setting import Setting
from usbench.core.errors import UsageError, UsbenchError
from usbench.core.method import Method, MethodCard
from usbench.core.specifiers import parse_name, split_product

TRAINED_BY = "simulator"  # the parameter of a method that names the simulator it was trained on
SOURCE, SIMULATOR = "ⓘ", "ⓢ"
LEGEND = (
    f"{SOURCE}: the method was trained on other images of this source. {SIMULATOR}: on the speckle of this simulator. "
    f" {SOURCE}{SIMULATOR}: on both. Such results are in distribution. They are shown, "
    "and take no part in places, in bold, in ≈, in mean ranks and in mean places. What a method that is not registered "
    "here was trained on is not known."
)


@dataclass(frozen=True)
class Seen:
    """What a method has seen of a data set; false if nothing that is known.

    Attributes
    ----------
    source, simulator
        Whether it was trained on the set's clean images (or real frames), and whether on its speckle.
    """

    source: bool = False
    simulator: bool = False

    def __bool__(self) -> bool:
        return self.source or self.simulator

    @property
    def mark(self) -> str:
        """`ⓘ`, `ⓢ`, `ⓘⓢ`, or nothing."""
        return SOURCE * self.source + SIMULATOR * self.simulator

    @property
    def words(self) -> str:
        """`trained on source and simulator`, or nothing."""
        parts = ["source"] * self.source + ["simulator"] * self.simulator
        return f"trained on {' and '.join(parts)}" if parts else ""


def seen(setting: Setting, dataset: str) -> Seen:
    """Return what a setting has seen of a data set, by the card of the registered method.

    Names are compared without their parameters and splits: `mri[redrawn=4]+psf[axial=2]` has the source `mri` and the
    simulator `psf`. A network whose weights depend on a parameter is asked with its parameters, unless they may be any
    text, such as the path of weights: data from outside names no path, so what the rows state counts then. Defaults
    that were tuned on validation images do not count: every method may be tuned on these.
    """
    return Seen(*overlap(_trained_on(setting.method, setting.params, setting.trained_on), dataset))


def overlap(names: Iterable[str], dataset: str) -> tuple[bool, bool]:
    """Return whether the source and a simulator of a data set are among those of the names.

    Parameters
    ----------
    names
        Such as `mri+varied/train` or `hc18/train`.
    dataset
        A label, such as `mri[count=16]+psf`.
    """
    source, *simulators = _parts(dataset)
    known = [_parts(_without_split(name)) for name in names]
    known_simulators = {simulator for _, *own in known for simulator in own}
    return source in {own for own, *_ in known}, not known_simulators.isdisjoint(simulators)


def _without_split(name: str) -> str:
    return name.rpartition("/")[0] or name


def _parts(label: str) -> list[str]:
    """Return the names of the source and the simulators of a label."""
    return [_plain(part) for part in split_product(label)]


def _plain(part: str) -> str:
    try:
        return parse_name(part)[0]
    except UsageError:  # a label of another machine's plugin need not be of our form
        return part


@cache
def _trained_on(method: str, params: str, stated: str) -> tuple[str, ...]:
    """Return what a method was trained on; what its rows state for one that is not registered here."""
    name = base_name(method)
    by_rows = tuple(json.loads(stated)) if stated else ()
    if name not in registry.names("methods"):
        return by_rows
    try:
        found = registry.find("methods", name).target
    except UsbenchError:
        return by_rows
    values = json.loads(params)
    trained_on = list(_card(found, values, by_rows).trained_on)
    if TRAINED_BY in values:  # the same sources with another simulator; there may be no card of these weights here
        sources = {_parts(_without_split(name))[0] for name in found.card.trained_on}
        trained_on += [f"{source}+{values[TRAINED_BY]}" for source in sorted(sources) or [""]]
    return tuple(trained_on)


def _card(method: type[Method], values: Mapping[str, Any], stated: tuple[str, ...]) -> MethodCard:
    """Return the card of a method with parameters from rows; none with a free text is made, as it may read a file."""
    if any(values.get(name) for name in method.free_texts()):
        return method.card.model_copy(update={"trained_on": stated}) if stated else method.card
    try:
        return method.create(values).card
    except UsbenchError:  # parameters of another version
        return method.card
