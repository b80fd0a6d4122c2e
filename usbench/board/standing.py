"""Who competes on a board: one candidate a method, without controls and without results in distribution."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from usbench.board.columns import ORDER
from usbench.board.controls import base_name, is_control
from usbench.board.in_distribution import Seen, seen
from usbench.board.scores import Board
from usbench.board.setting import Setting

Role = Literal["candidate", "control", "other"]


@dataclass(frozen=True)
class Standing:
    """What part each setting of a board takes; every array is (settings,).

    Attributes
    ----------
    roles
        `candidate` for one setting of each method, `control`, or `other`.
    seen
        What the method has seen of the data set.
    superseded
        Whether another setting has the same label and tuning and comes later in the rows: the defaults of the method
        have changed.
    """

    roles: tuple[Role, ...]
    seen: tuple[Seen, ...]
    superseded: np.ndarray

    @cached_property
    def controls(self) -> np.ndarray:
        """The controls that are not superseded."""
        return np.array([role == "control" for role in self.roles], bool) & ~self.superseded

    @cached_property
    def candidates(self) -> np.ndarray:
        """One setting of each method."""
        return np.array([role == "candidate" for role in self.roles], bool)

    @cached_property
    def competing(self) -> np.ndarray:
        """Candidates that have seen nothing of the data set."""
        return self.candidates & np.array([not seen for seen in self.seen], bool)

    @cached_property
    def placed(self) -> np.ndarray:
        """Those that have a place: the competing, and the controls among them."""
        return self.competing | self.controls


def standing(board: Board) -> Standing:
    """Return the part that each setting of a board takes.

    The candidate of a method is its tuned setting where there is one, else its defaults, else the first by label. Of
    several tuned settings it is the one that was tuned for the metric that stands first in the tables.
    """
    latest = {(setting.method, setting.tuning): setting for setting in board.settings}
    superseded = np.array([setting != latest[setting.method, setting.tuning] for setting in board.settings], bool)
    chosen: dict[str, int] = {}
    for place in sorted(np.flatnonzero(~superseded).tolist(), key=lambda place: _preference(board.settings[place])):
        if not is_control(board.settings[place].method):
            chosen.setdefault(base_name(board.settings[place].method), place)
    candidates = set(chosen.values())
    roles: list[Role] = [
        "control" if is_control(setting.method) else "candidate" if place in candidates else "other"
        for place, setting in enumerate(board.settings)
    ]
    return Standing(tuple(roles), tuple(seen(setting, board.dataset) for setting in board.settings), superseded)


def _preference(setting: Setting) -> tuple[bool, int, bool, Setting]:
    metric = json.loads(setting.tuning).get("metric") if setting.tuning else None
    order = ORDER.index(metric) if metric in ORDER else len(ORDER)
    return not setting.tuning, order, setting.method != base_name(setting.method), setting
