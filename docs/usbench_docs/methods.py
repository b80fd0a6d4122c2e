"""A page for each family of methods, and their index."""

import re
from collections.abc import Iterator

from usbench import registry
from usbench.registry import Plugin
from usbench_docs.cards import card, documented, heading, page, parameters, references, sentence_case, source
from usbench_docs.docstrings import first_paragraph

FOLDER = "reference/methods"
DOMAINS = {
    "display": "display: grey levels as displayed",
    "envelope": "envelope: the harness expands the display image by its dynamic range and compresses the result",
}


def method_pages() -> Iterator[tuple[str, str]]:
    """Yield the path and the Markdown of each page."""
    found: dict[str, list[Plugin]] = {}
    for plugin in registry.plugins("methods"):
        found.setdefault(plugin.target.card.family, []).append(plugin)
    families = dict(sorted(found.items()))
    yield f"{FOLDER}/index.md", _index(families)
    for family, members in families.items():
        entries = [entry(plugin) for plugin in members]
        yield f"{FOLDER}/{slug(family)}.md", page(f"# {sentence_case(family)}", *entries)


def slug(family: str) -> str:
    """Return a family's name as a file's."""
    return re.sub(r"\W+", "-", family)


def _index(families: dict[str, list[Plugin]]) -> str:
    lines = ["| method | title | domain | licence |", "| --- | --- | --- | --- |"]
    for family, members in families.items():
        lines.append(f"| **[{family}]({slug(family)}.md)** | | | |")
        for plugin in members:
            about = plugin.target.card
            link = f"[`{plugin.name}`]({slug(family)}.md#{plugin.name})"
            lines.append(f"| {link} | {about.title} | {about.domain} | {about.licence} |")
    return page(
        "# Methods",
        "All registered methods, by family. The pages are generated from cards and docstrings; `usbench show NAME` "
        "prints the same card.",
        "\n".join(lines),
    )


def entry(plugin: Plugin) -> str:
    """Return the section on one method."""
    target, about = plugin.target, plugin.target.card
    found = documented(target)
    facts = [
        ("name", plugin.name),
        ("source", source(about)),
        ("licence", about.licence),
        ("domain", DOMAINS[about.domain]),
        ("trained on", ", ".join(about.trained_on)),
        ("tuned on", ", ".join(about.tuned_on)),
        ("note", about.note),
        ("weights", _weights(plugin)),
    ]
    text = found.text or first_paragraph(target.__doc__)
    return page(
        heading(2, plugin.name, about.title),
        card(facts),
        text,
        parameters(target, found.parameters),
        references(found),
    )


def _weights(plugin: Plugin) -> str:
    if hasattr(plugin.target, "read_weights"):
        return f"not shipped: usbench weights add {plugin.name} FILE"
    if not hasattr(plugin.target, "weights_index"):
        return ""
    shipped = plugin.target.weights_index().is_file()
    return "shipped; see Weights" if shipped else f"not trained yet: `usbench train {plugin.name}`"
