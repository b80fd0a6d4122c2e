"""Controls: methods that stand in the tables without competing."""

from functools import cache

from usbench import registry
from usbench.core.errors import UsbenchError
from usbench.core.method import MethodCard

INPUT = "identity"  # the control that is the untouched input
NAMES = frozenset({INPUT, "constant"})  # controls wherever they are registered
FAMILIES = frozenset({"control", "controls"})


def is_control(method: str) -> bool:
    """Return whether the card of a method says that it is a control.

    Parameters
    ----------
    method
        Its label; parameters do not matter.
    """
    name = base_name(method)
    card = registered_card(name)
    return name in NAMES or (card is not None and card.family in FAMILIES)


def base_name(method: str) -> str:
    """Return the name without the parameters, and without ` (tuned)`."""
    return method.partition("[")[0].removesuffix(" (tuned)")


@cache
def registered_card(name: str) -> MethodCard | None:
    """Return the card of a method that is registered here; None for others'."""
    if name not in registry.names("methods"):
        return None
    try:
        return registry.find("methods", name).target.card
    except UsbenchError:
        return None
