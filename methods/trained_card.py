"""The card of a network, which says what the network was trained on as the card of its weights does."""

from pathlib import Path
from typing import Any, Generic, TypeVar

from usbench.core.method import MethodCard
from usbench.core.simulator import SimulatorCard
from usbench.weights.shards import WeightsError, read_index

Card = TypeVar("Card", MethodCard, SimulatorCard)


class TrainedCard(Generic[Card]):
    """A `MethodCard` or `SimulatorCard` whose `trained_on` is read from the card of the weights, at each access.

    On a class it is that of the shipped weights, on an object that of the weights the object runs on.

    Parameters
    ----------
    kind
        Class of the card.
    **fields
        Its fields, without `trained_on`.
    """

    def __init__(self, kind: type[Card], **fields: Any) -> None:
        self._card: Card = kind(**fields)

    def __get__(self, plugin: Any, owner: Any) -> Card:
        index = plugin.card_of_weights() if hasattr(plugin, "card_of_weights") else owner.weights_index()
        return self._card.model_copy(update={"trained_on": trained_on(index)})


def trained_on(index: Path) -> tuple[str, ...]:
    """Return the training sets that a card of weights names, such as `mri+varied/train`; none without a card."""
    try:
        about = read_index(index)
    except WeightsError:
        return ()
    lists = [about.get(key, []) for key in ("products", "simulated")]
    names = [name for found in lists if isinstance(found, list) for name in found if isinstance(name, str)]
    return tuple(f"{name}/train" for name in dict.fromkeys(names))
