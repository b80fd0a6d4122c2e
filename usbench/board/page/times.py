"""How long the settings of a board take, from the speed board."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from usbench.board.controls import base_name
from usbench.board.setting import Setting
from usbench.board.speed import MACHINE

Key = tuple[str, str]  # a method's label and "", or its name and its parameters


@dataclass(frozen=True)
class Machine:
    """Milliseconds for an image on one machine, by setting and by size in pixels."""

    name: str
    ms: dict[Key, dict[int, float]] = field(default_factory=dict)

    def of(self, setting: Setting) -> Mapping[int, float]:
        """Return the times of a setting by size; a tuned one has those of its parameters alone."""
        exact = self.ms.get((base_name(setting.method), _canonical(setting.params)))
        return exact or ({} if setting.tuning else self.ms.get((setting.method, ""), {}))

    def of_defaults(self, setting: Setting) -> Mapping[int, float]:
        """Return the times of the method with its default parameters."""
        return self.ms.get((base_name(setting.method), ""), {})


@dataclass(frozen=True)
class BoardTimes:
    """The times of a board's settings on the machine, and at the size, that most of them were timed at."""

    machine: Machine | None
    size: int = 0

    @property
    def where(self) -> str:
        """The machine and the size in words."""
        return f"{self.machine.name}, {self.size} x {self.size} pixels" if self.machine else ""

    def of(self, setting: Setting) -> tuple[float | None, str]:
        """Return the milliseconds of a setting, and what they are of if it was not timed itself at this size."""
        if self.machine is None:
            return None, ""
        own, defaults = self.machine.of(setting), self.machine.of_defaults(setting)
        times = own or defaults
        if not times:
            return None, ""
        size = min(times, key=lambda size: abs(size - self.size))
        notes = ["" if own else "its defaults", "" if size == self.size else f"at {size}²"]
        return times[size], ", ".join(filter(None, notes))


def machines(speeds: pd.DataFrame) -> list[Machine]:
    """Return the times of each machine, from the rows that `usbench.board.speed.current_speeds` returns."""
    found: dict[str, Machine] = {}
    if not len(speeds):
        return []
    for row in speeds[(speeds["batch"] == 1) & speeds["median_ms"].notna()].sort_values(MACHINE).to_dict("records"):
        hardware, device, threads = (row[name] for name in MACHINE)
        name = f"{hardware}, {device}, {threads} threads"
        machine = found.setdefault(name, Machine(name))
        for key in ((row["method"], ""), (base_name(row["method"]), _canonical(row["params"]))):
            machine.ms.setdefault(key, {})[int(row["size"])] = float(row["median_ms"])
    return list(found.values())


def board_times(settings: Sequence[Setting], taken: Sequence[Machine]) -> BoardTimes:
    """Return the times of the settings of a board."""
    counts: dict[tuple[int, int], int] = {}
    for place, machine in enumerate(taken):
        for setting in settings:
            for size in machine.of(setting) or machine.of_defaults(setting):
                counts[size, place] = counts.get((size, place), 0) + 1
    if not counts:
        return BoardTimes(None)
    size, place = max(sorted(counts), key=counts.__getitem__)
    return BoardTimes(taken[place], size)


def _canonical(params: str) -> str:
    return json.dumps(json.loads(params), sort_keys=True)
