"""Search spaces of `usbench tune`.

A method declares `space`, a mapping from its parameters to one of the three kinds below; parameters that are not in it
keep their defaults. The bounds state what is worth searching; the annotations of the fields state what is valid.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

EDGE = 0.03  # of a space's width: an optimum closer to an end may lie beyond it


class Trial(Protocol):
    """One trial of an optimiser, such as Optuna's."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Return a number from a range."""

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """Return a whole number from a range."""

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """Return one of some values."""


@dataclass(frozen=True)
class Real:
    """A number from `low` to `high`; with `log`, all orders of magnitude are equally likely."""

    low: float
    high: float
    log: bool = False

    def suggest(self, trial: Trial, name: str) -> float:
        """Return the trial's value."""
        return self.neat(trial.suggest_float(name, self.low, self.high, log=self.log))

    def neat(self, value: float) -> float:
        """Return the value rounded to four digits, for names."""
        return float(f"{value:.4g}")

    def holds(self, value: Any) -> bool:
        """Return whether a value lies in the space."""
        return self.low <= value <= self.high

    def widened(self, value: float) -> "Real":
        """Return a wider space if the value is in the outer 3 % of this one, else the same.

        It grows by half of its width beyond that end, on its own scale. A space above 0 stays above 0.
        """
        if self.log and value <= 0:  # a default such as 0 for "from the image"
            return self
        to_scale, from_scale = (math.log, math.exp) if self.log else (float, float)
        low, high = to_scale(self.low), to_scale(self.high)
        place = (to_scale(value) - low) / (high - low)
        if place < EDGE:
            wider = from_scale(low - (high - low) / 2)
            return replace(self, low=self.neat(self.low / 2 if self.low > 0 >= wider else wider))
        return replace(self, high=self.neat(from_scale(high + (high - low) / 2))) if place > 1 - EDGE else self


@dataclass(frozen=True)
class Whole:
    """A whole number low, low + step, ... up to `high`: `Whole(3, 11, step=2)` are the odd windows from 3 to 11."""

    low: int
    high: int
    step: int = 1
    log: bool = False

    def suggest(self, trial: Trial, name: str) -> int:
        """Return the trial's value."""
        return trial.suggest_int(name, self.low, self.high, step=self.step, log=self.log)

    def neat(self, value: int) -> int:
        """Return the value as it is."""
        return value

    def holds(self, value: Any) -> bool:
        """Return whether a value lies in the space."""
        return self.low <= value <= self.high and (value - self.low) % self.step == 0

    def widened(self, value: int) -> "Whole":
        """Return a wider space if the value is at an end of this one, else the same; above 0 it stays above 0."""
        more = max(1, (self.high - self.low) // self.step // 2) * self.step
        if value == self.low:
            down = more if self.low <= 0 else min(more, (self.low - 1) // self.step * self.step)
            return replace(self, low=self.low - down)
        return replace(self, high=self.high + more) if value == self.high else self


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    values: tuple[Any, ...]

    def suggest(self, trial: Trial, name: str) -> Any:
        """Return the trial's value."""
        return trial.suggest_categorical(name, self.values)

    def neat(self, value: Any) -> Any:
        """Return the value as it is."""
        return value

    def holds(self, value: Any) -> bool:
        """Return whether a value lies in the space."""
        return value in self.values

    def widened(self, value: Any) -> "Choice":
        """Return the space: there are no other values."""
        return self


Space = Mapping[str, Real | Whole | Choice]


def over(**parameters: Real | Whole | Choice) -> Space:
    """Return a search space: `space = over(size=Whole(3, 11, step=2), cu=Real(0.1, 1))`."""
    return parameters
