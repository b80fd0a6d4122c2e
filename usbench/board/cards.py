"""What methods and data sets say of themselves, as far as they are registered here."""

from collections.abc import Iterable
from typing import Any

from usbench import registry
from usbench.core.dataset import DatasetCard
from usbench.core.errors import UsbenchError
from usbench.core.specifiers import parse_name, split_product
from usbench.weights.cards import weights_card


def method_cards() -> dict[str, dict[str, Any]]:
    """Return the card of every registered method by its name."""
    return {name: method.card.model_dump(mode="json") for name, method in registry.working("methods").items()}


def weights_cards() -> dict[str, dict[str, Any]]:
    """Return what stands beside the weights of every registered method that ships some, by its name."""
    cards = {name: weights_card(method) for name, method in registry.working("methods").items()}
    return {name: card for name, card in cards.items() if card}


def dataset_cards(labels: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the cards of the data sets that are registered here, by label; their images need not be here."""
    found = {}
    for label in labels:
        try:
            found[label] = _card(label).model_dump(mode="json")
        except UsbenchError:  # another machine's plugin: the page does without its card
            continue
    return found


def _card(label: str) -> DatasetCard:
    source, *simulator = split_product(label)
    return (
        registry.load_dataset(label).card if simulator else registry.find("datasets", parse_name(source)[0]).target.card
    )
