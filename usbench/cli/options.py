"""Ranges that options share."""

import math
from typing import TypeVar

import typer

Number = TypeVar("Number", bound=float | None)

MOST_PROCESSES = 1024
MOST_GIB = 2**20
MOST_SECONDS = 1e6  # eleven days


def finite(value: Number) -> Number:
    """Return a number; refuse NaN and infinity, which pass any range."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a finite number.")
    return value
