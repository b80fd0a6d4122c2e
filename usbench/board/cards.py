"""Cards and notes of the methods and data sets that are registered here."""

from collections.abc import Iterable
from typing import Any

from usbench import registry
from usbench.core.dataset import DatasetCard
from usbench.core.errors import UsbenchError
from usbench.core.specifiers import parse_name, split_product
from usbench.evaluation.limits import SECONDS_PER_IMAGE, seconds_for
from usbench.weights.cards import weights_card


def method_cards() -> dict[str, dict[str, Any]]:
    """Return the card of every method by its name."""
    return {name: method.card.model_dump(mode="json") for name, method in registry.working("methods").items()}


def weights_cards() -> dict[str, dict[str, Any]]:
    """Return the card of the weights of every method that ships some, by the method's name."""
    cards = {name: weights_card(method) for name, method in registry.working("methods").items()}
    return {name: card for name, card in cards.items() if card}


def methods_left_out() -> dict[str, str]:
    """Return why a run of all methods leaves some out, by the method's name."""
    found = registry.plugins("methods")
    return {plugin.name: plugin.left_out for plugin in found if not plugin.broken and plugin.left_out}


def method_notes() -> dict[str, str]:
    """Return footnotes by method: a licence that forbids commercial use, a time limit that differs from the others'."""
    notes = {}
    for name, method in registry.working("methods").items():
        licence, seconds = method.card.licence, seconds_for(method, None)
        said = [licence] if "commercial" in licence.lower() else []
        if seconds != SECONDS_PER_IMAGE:
            said += [f"has a time limit of its own, {seconds:,g} s an image where others have {SECONDS_PER_IMAGE:g}"]
        if said:
            notes[name] = "; ".join(said)
    return notes


def dataset_cards(labels: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the cards of those data sets that are registered here, by label; their images are not needed."""
    found = {}
    for label in labels:
        try:
            found[label] = _card(label).model_dump(mode="json")
        except UsbenchError:  # rows may be of a plugin that only another machine has
            continue
    return found


def _card(label: str) -> DatasetCard:
    source, *simulator = split_product(label)
    if simulator:
        return registry.registered_dataset(label, split="test").card
    return registry.find("datasets", parse_name(source)[0]).target.card
