"""The sections of a numpydoc docstring."""

import inspect
import logging
import re
from dataclasses import dataclass, field
from typing import Any

from griffe import Docstring, DocstringSectionKind

logging.getLogger("griffe").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Parts:
    """The sections of a docstring.

    Attributes
    ----------
    text
        Summary and body: Markdown with `.. math::` and `:math:`.
    parameters
        Description by name.
    returned
        Description of the result, with its range.
    raises
        (exception, when).
    notes, references
        Empty if there are none.
    """

    text: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    returned: str = ""
    raises: tuple[tuple[str, str], ...] = ()
    notes: str = ""
    references: str = ""


def parts(docstring: str | None) -> Parts:
    """Return the sections of a docstring."""
    found: dict[str, Any] = {"text": "", "parameters": {}}
    for section in Docstring(inspect.cleandoc(docstring or "")).parse("numpy", warnings=False):
        value: Any = section.value
        if section.kind is DocstringSectionKind.text:
            found["text"] += value.strip() + "\n\n"
        elif section.kind is DocstringSectionKind.parameters:
            found["parameters"] |= {item.name: item.description.strip() for item in value}
        elif section.kind is DocstringSectionKind.returns:
            found["returned"] = value[0].description.strip()
        elif section.kind is DocstringSectionKind.raises:
            found["raises"] = tuple((str(item.annotation), item.description.strip()) for item in value)
        elif section.kind is DocstringSectionKind.admonition and section.title in ("Notes", "References"):
            found[section.title.lower()] = value.description.strip()
    return Parts(**found)


def first_paragraph(docstring: str | None) -> str:
    """Return the first paragraph of a docstring in one line."""
    return " ".join(re.split(r"\n\s*\n", inspect.cleandoc(docstring or ""))[0].split())
