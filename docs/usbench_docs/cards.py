"""Parts of the pages of methods, data sets and simulators: heading, card, parameters."""

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from usbench_docs.docstrings import Parts, parts

DOI = "https://doi.org/"
LINK = re.compile(r"https?://[^\s,;]+")
CODE = re.compile(r"`([^`]+)`")


def heading(level: int, name: str, title: str) -> str:
    """Return a heading with the registered name as its anchor."""
    return f"{'#' * level} {title} {{ #{name} data-toc-label='{name}' }}"


def card(facts: Iterable[tuple[str, str]]) -> str:
    """Return facts as a definition list; facts without text are left out, addresses become links."""
    lines = [f"<div><dt>{term}</dt><dd>{_linked(text)}</dd></div>" for term, text in facts if text]
    return '<dl class="card">' + "".join(lines) + "</dl>"


def source(about: Any) -> str:
    """Return citation and DOI of a card."""
    return "; ".join(filter(None, (about.citation, DOI + about.doi if about.doi else "")))


def _linked(text: str) -> str:
    text = CODE.sub(r"<code>\1</code>", html.escape(text))
    return LINK.sub(lambda found: f'<a href="{found[0]}">{found[0].removeprefix(DOI)}</a>', text)


def documented(target: type) -> Parts:
    """Return a class's docstring, with parameters described by its bases."""
    own = parts(target.__doc__)
    inherited: dict[str, str] = {}
    for base in reversed(target.__mro__[1:]):
        if base.__module__.partition(".")[0] == "usbench":
            inherited |= parts(base.__doc__).parameters
    return Parts(own.text, inherited | own.parameters, own.returned, own.raises, own.notes, own.references)


ORIGINS = {
    "paper": "from the paper", "authors' code": "from the authors' code", "usual": "usual in the field",
    "model": "from the model of the input", "ours": "our choice",
}  # fmt: skip


def parameters(target: Any, described: Mapping[str, str], leave_out: Iterable[str] = ()) -> str:
    """Return a definition list of a plugin's parameters: default, accepted values, meaning and search space."""
    hints = get_type_hints(target, include_extras=True)
    origins = getattr(getattr(target, "card", None), "default_from", {})
    lines = []
    for name, default in target.defaults().items():
        if name in leave_out:
            continue
        searched = getattr(target, "space", {}).get(name)
        meaning = described.get(name, "").replace("\n", "\n    ")
        facts = accepted(hints[name]) + (f"; searched over {_space(searched)}" if searched else "")
        origin = f" ({ORIGINS[origins[name]]})" if name in origins else ""
        lines.append(f"`{name}` = `{_value(default)}`{origin}\n:   {meaning}\n    *{sentence_case(facts)}.*\n")
    return "\n".join(["**Parameters**", "", *lines]) if lines else "It has no parameters."


def accepted(hint: Any) -> str:
    """Return in words what a parameter accepts: `a whole number from 1 to 10000`.

    Examples
    --------
    >>> accepted(bool)
    'true or false'
    """
    schema = TypeAdapter(hint).json_schema()
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    kinds = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "string": "text"}
    return f"{kinds.get(schema.get('type', ''), 'see its description')}{_bounds(schema)}"


def _bounds(schema: Mapping[str, Any]) -> str:
    if {"minimum", "maximum"} <= set(schema):
        return f" from {schema['minimum']:,} to {schema['maximum']:,}"
    words = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
    found = [f"{word} {schema[key]:,}" for key, word in words.items() if key in schema]
    return " " + " and ".join(found) if found else ""


def _space(part: Any) -> str:
    if hasattr(part, "values"):
        return ", ".join(map(str, part.values))
    step = f" in steps of {part.step}" if getattr(part, "step", 1) != 1 else ""
    return f"{part.low:g} to {part.high:g}{step}{', logarithmically' if part.log else ''}"


def _value(default: Any) -> str:
    if isinstance(default, float):
        return f"{default:.4g}"
    if isinstance(default, bool):
        return str(default).lower()
    return str(default) or '""'


def references(found: Parts) -> str:
    """Return the References section of a docstring, or nothing."""
    return f"**References**: {found.references}" if found.references else ""


def sentence_case(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def page(*blocks: str) -> str:
    """Return Markdown blocks as one page."""
    return "\n\n".join(block.strip() for block in blocks if block) + "\n"
