"""`usbench list` and `usbench show`: registered plugins and their cards."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from usbench import registry
from usbench.cli.terminal import console
from usbench.core.errors import UsbenchError
from usbench.weights.cards import plugin_card

NARROW = 40  # columns of a terminal, below which labels have lines of their own


class KindName(StrEnum):
    """The four kinds of plugins."""

    methods = "methods"
    datasets = "datasets"
    simulators = "simulators"
    metrics = "metrics"


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]


def list_plugins(kind: Annotated[KindName, typer.Argument(help="What to list.")], as_json: JsonOption = False) -> None:
    """List all registered plugins of a kind with their licences, and why some cannot be used."""
    found = registry.plugins(kind.value)
    lines = [_line(plugin) for plugin in found]
    if as_json:
        print(json.dumps(lines))
        return
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = [column for column in ("name", "title", "family", "better", "licence") if any(column in x for x in lines)]
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in lines:
        if not line["broken"]:
            table.add_row(*(escape(str(line.get(column, ""))) for column in columns))
    out = console(soft_wrap=False)
    out.print(table)
    absent = [line["name"] for line in lines if line["unavailable"]] if kind is KindName.datasets else []
    if absent:
        sentence = f"not here: {', '.join(absent)}; see `usbench data list`."
        out.print(sentence, style="yellow", markup=False, highlight=False)
    for line in lines:
        if line["name"] in absent:
            continue
        if line["broken"]:
            out.print(f"broken: {line['broken']}", style="red", markup=False)
        elif line["unavailable"]:
            out.print(f"not available here: {line['unavailable']}", style="yellow", markup=False, highlight=False)


def show(
    name: Annotated[str, typer.Argument(help="A method, data set, simulator, metric, or source+simulator.")],
    as_json: JsonOption = False,
) -> None:
    """Show the card of a plugin: what it is, where it comes from, how good it is; --json has all of it."""
    kind, about = _about(name)
    if as_json:
        print(json.dumps(about, default=str))
        return
    _print_card(str(about["name"]), _card(kind, about, name))


def _card(kind: registry.Kind, about: dict[str, Any], name: str) -> list[tuple[str, str]]:
    from usbench.cli import card

    if kind == "datasets":
        return card.dataset_card(about, name, _counts(name))
    if kind == "metrics":
        return card.metric_card(about, name)
    if kind == "simulators":
        return card.simulator_card(about, name, trainable=hasattr(registry.find(kind, name).target, "recipe"))
    return card.method_card(about, name, trainable=hasattr(registry.method_plugin(name).target, "recipe"))


def _counts(name: str) -> list[str]:
    """Return how many images the splits of a data set have; nothing if it is not here."""
    found = []
    for split in ("train", "val", "test"):
        try:
            found.append(f"{len(registry.load_dataset(name, split=split))} {split}")
        except UsbenchError:
            continue
    return found


def _print_card(title: str, lines: list[tuple[str, str]]) -> None:
    """Print labels beside their texts, or above them in a terminal that is too narrow for both."""
    from rich.markup import escape
    from rich.table import Table

    out = console()
    if title:
        out.print(title, style="bold", markup=False, highlight=False)
    if out.width < NARROW:
        for label, text in lines:
            out.print(label, style="bold", markup=False, highlight=False)
            out.print(text, markup=False, highlight=False, overflow="fold")
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in lines:
        table.add_row(label, escape(text))
    out.print(table, highlight=False)


def _about(name: str) -> tuple[registry.Kind, dict[str, Any]]:
    """Return the kind of plugin that a name is of, and its card."""
    if "+" in name:
        dataset = registry.load_dataset(name)
        return "datasets", {"name": dataset.label, **dataset.card.model_dump()}
    for kind in registry.KINDS:
        if name in registry.names(kind):
            return kind, dict(plugin_card(kind, name))
    return "methods", dict(plugin_card("methods", name))


def _line(plugin: registry.Plugin) -> dict[str, Any]:
    line: dict[str, Any] = {"name": plugin.name, "origin": plugin.origin, "broken": plugin.broken}
    line["unavailable"] = plugin.unavailable
    if plugin.broken:
        return line
    if plugin.kind == "metrics":
        metric = plugin.target
        return line | {"title": metric.title, "unit": metric.unit, "better": metric.better}
    card = plugin.target.card
    return line | {key: getattr(card, key) for key in ("title", "family", "licence") if hasattr(card, key)}
