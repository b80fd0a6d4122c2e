"""The page of metric definitions."""

import functools
import importlib
from pathlib import Path

import griffe

from usbench import registry
from usbench.core.metric import Metric
from usbench.registry import Plugin
from usbench_docs.cards import card, heading, page, references, sentence_case
from usbench_docs.docstrings import Parts, parts

GROUPS = {
    "fidelity": ("Fidelity", "How close the estimate is to the reference."),
    "perceptual": (
        "Perceptual similarity",
        "Measures of the image quality literature, as the piq package computes them.",
    ),
    "edges": ("Edges", "How well edges are kept."),
    "fom": ("Edges found again", "Where edges are detected."),
    "edge_width": ("Width of edges", "How wide an edge becomes."),
    "contrast": ("Contrast", "How well a target stands out from its background."),
    "speckle": ("Speckle statistics", "In homogeneous regions, never over a whole image."),
    "residual": ("What was removed", "Only speckle, or anatomy too?"),
    "resolution": ("Resolution", "How wide a wire becomes."),
    "lesions": (
        "Inserted lesions",
        "What a method answers to lesions of known contrast, added to an image whose truth is unknown "
        "(`DATASET+lesions`): $r = f(y + d) - f(y)$ for the method $f$ and the inserted grey offset $d$.",
    ),
}
NEEDS = {
    "reference": "a reference",
    "input": "the untouched input",
    "contrast": "pairs of regions (target, background)",
    "homogeneous": "homogeneous regions",
    "points": "wires",
    "dynamic_range": "a known dynamic range",
    "linear_or_range": "a known dynamic range, or grey linear in the envelope",
    "reference_or_input": "a reference, or else the untouched input",
    "lesions": "inserted lesions",
    "response": "the result for the image with lesions",
}
DIRECTIONS = {"higher": "higher is better", "lower": "lower is better", "one": "1 is ideal, both sides are worse"}
NOTATION = r"""
$x$ is the reference, $n$ the noisy input and $y$ the estimate; all are float64 images in $[0, 1]$. $m$
and $s$ are mean and population standard deviation over a region; $m_1, s_1$ those of a target and $m_2, s_2$ those of
its background; $m_n, s_n$ and $m_y, s_y$ those of input and estimate in one region. Where a metric needs regions, pairs
or wires, its value is the mean over those of the sample. A sample that lacks what a metric needs is skipped with the
reason in its row.

Every row of results has the *definition*. Rows of different versions of a metric are never put into one column.
"""


def metrics_page() -> str:
    """Return the Markdown of the page."""
    found: dict[str, list[Plugin]] = {}
    for plugin in registry.plugins("metrics"):
        found.setdefault(_module(plugin).rpartition(".")[2], []).append(plugin)
    blocks = []
    for group in [*GROUPS, *sorted(set(found) - set(GROUPS))]:
        title, intro = GROUPS.get(group, (group.replace("_", " ").capitalize(), ""))
        blocks += [f"## {title}", intro, *map(_entry, found.get(group, []))]
    return page("# Metric definitions", NOTATION, _index(found), *blocks)


def _index(found: dict[str, list[Plugin]]) -> str:
    lines = ["| metric | title | better | unit | needs |", "| --- | --- | --- | --- | --- |"]
    for plugin in sorted((plugin for group in found.values() for plugin in group), key=lambda plugin: plugin.name):
        metric: Metric = plugin.target
        needs = ", ".join(need.replace("_", " ") for need in metric.needs)
        better = {"one": "1"}.get(metric.better, metric.better)
        lines.append(f"| [`{metric.name}`](#{metric.name}) | {metric.title} | {better} | {metric.unit} | {needs} |")
    return "\n".join(lines)


def _entry(plugin: Plugin) -> str:
    metric: Metric = plugin.target
    found = definition(plugin)
    facts = [
        ("name", metric.name),
        ("definition", metric.spec),
        ("direction", DIRECTIONS[metric.better]),
        ("unit", metric.unit or "none, a pure number"),
        ("needs", ", ".join(map(_need, metric.needs))),
        ("computed", "" if metric.by_default else "only if it is named: --metric"),
    ]
    return page(
        heading(3, metric.name, metric.title),
        card(facts),
        sentence_case(found.text.removeprefix("Return ")),
        f"**Range**: {found.returned}" if found.returned else "",
        f"**Pitfalls**: {found.notes}" if found.notes else "",
        references(found),
    )


def _need(need: str) -> str:
    return NEEDS.get(need, need.replace("_", " "))


def definition(plugin: Plugin) -> Parts:
    """Return the docstring below a metric's constant, or else that of its function."""
    module, _, constant = plugin.origin.partition(": ")[2].partition(":")
    below = _constants(module).get(constant)
    function = plugin.target.function
    plain = function.func if isinstance(function, functools.partial) else function
    return parts(below or plain.__doc__)


@functools.cache
def _constants(module: str) -> dict[str, str]:
    """Return the docstrings below a module's constants."""
    file = Path(str(importlib.import_module(module).__file__))
    tree = griffe.visit(module, filepath=file, code=file.read_text(encoding="utf-8"))
    return {name: member.docstring.value for name, member in tree.attributes.items() if member.docstring}


def _module(plugin: Plugin) -> str:
    return plugin.origin.partition(": ")[2].partition(":")[0]
