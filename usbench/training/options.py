"""Options of a training, from `usbench train --set`."""

from collections.abc import Collection, Iterable

from usbench.core.errors import UsageError
from usbench.core.parameters import did_you_mean


def check_options(name: str, given: Iterable[str], known: Collection[str]) -> None:
    """Raise UsageError if the training of `name` does not have one of the options."""
    for option in given:
        if option not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise UsageError(f"The training of {name} has no option {option!r}; {has}.{did_you_mean(option, known)}")
