"""A training that is stopped on its way."""

from collections.abc import Callable


class Stop(Exception):
    """The training is stopped here."""


def stopping(pairs: Callable, first: int) -> Callable:
    """Return the pairs, of which number `first` and later ones stop the training."""

    def until(index: int):
        if index >= first:
            raise Stop
        return pairs(index)

    return until
