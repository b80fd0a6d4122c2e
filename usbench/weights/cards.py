"""Cards of plugins as plain data, with the card of the weights that a plugin ships."""

from collections.abc import Mapping
from typing import Any

from usbench import registry
from usbench.core.metric import Metric
from usbench.registry import Kind
from usbench.weights.shards import read_index


def plugin_card(kind: Kind, name: str) -> Mapping[str, Any]:
    """Return the card of a plugin with its kind, name, origin, default parameters and training."""
    plugin = registry.method_plugin(name) if kind == "methods" else registry.find(kind, name)
    about: dict[str, Any] = {"kind": kind[:-1], "name": plugin.name, "origin": plugin.origin}
    if isinstance(plugin.target, Metric):
        metric = plugin.target
        unit = metric.unit or "1"
        about |= {"title": metric.title, "unit": unit, "better": metric.better, "definition": metric.spec}
        return about | {"needs": list(metric.needs)}
    if plugin.unavailable:
        about["not available here"] = plugin.unavailable
    card = plugin.target.card.model_dump()
    about |= {key: value for key, value in card.items() if value} | {"parameters": plugin.target.defaults()}
    training = {key: value for key, value in weights_card(plugin.target).items() if key not in ("files", "name")}
    return about | ({"training": training} if training else {})


def weights_card(target: Any) -> dict[str, Any]:
    """Return the card of the weights that a plugin's class ships; empty if it ships none."""
    index = target.weights_index() if hasattr(target, "weights_index") else None
    return read_index(index) if index is not None and index.is_file() else {}
