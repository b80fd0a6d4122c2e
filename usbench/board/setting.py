"""A line of a table: a method with its parameters."""

from typing import NamedTuple


class Setting(NamedTuple):
    """A method with its parameters and how these were chosen.

    Attributes
    ----------
    method
        Its label.
    params
        JSON of every parameter.
    tuning
        JSON that says how `usbench tune` chose them; empty if it did not.
    trained_on
        JSON list of what it was trained on, as its rows state it; empty in rows of before 0.2.
    """

    method: str
    params: str
    tuning: str
    trained_on: str = ""
