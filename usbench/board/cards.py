"""What methods and data sets say of themselves, as far as they are registered here."""

from collections.abc import Iterable
from typing import Any

from usbench import registry
from usbench.errors import UsbenchError


def method_cards() -> dict[str, dict[str, Any]]:
    """Return the card of every registered method by its name."""
    return {name: method.card.model_dump(mode="json") for name, method in registry.working("methods").items()}


def dataset_cards(labels: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the cards of the data sets that can be loaded here, by label."""
    found = {}
    for label in labels:
        try:
            found[label] = registry.load_dataset(label).card.model_dump(mode="json")
        except UsbenchError:  # another machine's: the page does without its card
            continue
    return found
