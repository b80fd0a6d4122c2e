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
    """

    method: str
    params: str
    tuning: str
