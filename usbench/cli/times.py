"""Times as a user writes them."""

import re

from usbench.core.errors import UsageError

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(text: str) -> float:
    """Return the seconds of a `--max-time` such as 45s, 90m or 2h.

    Raises
    ------
    UsageError
        If it is no time, or has no unit.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not match or float(match[1]) <= 0:
        raise UsageError(f"{text!r} is not a time; expected 45s, 90m or 2h.")
    if not match[2]:
        raise UsageError(f"--max-time {match[1]} has no unit: {match[1]}s, {match[1]}m or 2h?")
    return float(match[1]) * UNITS[match[2]]
