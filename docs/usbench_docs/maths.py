"""LaTeX in docstrings and pages to MathML, which browsers show without a script or network."""

import re
import xml.etree.ElementTree as etree
from itertools import pairwise
from typing import Any

from latex2mathml.converter import convert
from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor

DIRECTIVE = re.compile(r"^( *)\.\. math:: *(.*(?:\n\1 +\S.*)*)$", re.MULTILINE)
FENCE = re.compile(r"^( *)```math\n(.*?)\n\1```$", re.MULTILINE | re.DOTALL)
# Punctuation next to the mathematics is captured too: a browser would break the line there.
BEFORE, AFTER = r"([(\[]?)", r"([.,;:!?)\]]*)"
ROLE = BEFORE + r":math:`([^`]+)`" + AFTER
DOLLARS = BEFORE + r"(?<![\\$\w])\$(?![\s$])([^$]+?)(?<!\s)\$(?![\w$])" + AFTER
BAR, LINES = "|", ("\u2015", "\u00af")  # as LaTeX's |, and its \overline and \bar, come out
FUNCTIONS = ("exp", "ln", "log", "max", "min")
# Above backticks (190), so that a role is not read as code; and below, so that a dollar in code stays one.
ROLE_PRIORITY, DOLLARS_PRIORITY = 195, 185
BEFORE_FENCED_CODE = 28


def mathml(latex: str, *, block: bool = False) -> str:
    """Return a `<math>` element for LaTeX; line breaks in the source count as spaces."""
    found = convert(" ".join(latex.split()), xmlns="", display="block" if block else "inline")
    tree = etree.fromstring(found)
    for element in list(tree.iter()):
        _without_room(element)
        _overlined(element)
        _spaced(element)
    return etree.tostring(tree, encoding="unicode")


def _without_room(element: etree.Element) -> None:
    """Remove the operator spacing of a bar: it is an absolute value or a condition here."""
    if element.tag == "mo" and element.text == BAR and element.get("stretchy") != "true":
        element.attrib |= {"stretchy": "false", "lspace": "0", "rspace": "0"}


def _overlined(element: etree.Element) -> None:
    """Draw the line over an expression as a border: its glyph does not stretch."""
    if element.tag == "mover" and element[1].text in LINES:
        element.tag = "mrow"
        element.set("class", "over")
        element.remove(element[1])


def _spaced(element: etree.Element) -> None:
    """Add space between a factor and the name of a function."""
    for before, child in reversed(list(pairwise(element))):
        name = child[0] if child.tag in ("msub", "munder") else child
        if element.tag in ("math", "mrow") and name.text in FUNCTIONS and before.tag in ("mi", "mn"):
            element.insert(list(element).index(child), etree.Element("mspace", width="0.17em"))


class Maths(Extension):
    r"""Markdown with mathematics: `$x$`, fences named `math`, and `:math:` and `.. math::` of docstrings."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Register the patterns."""
        md.preprocessors.register(_Blocks(md), "usbench_math_blocks", BEFORE_FENCED_CODE)
        md.inlinePatterns.register(_Inline(ROLE, md), "usbench_math_role", ROLE_PRIORITY)
        md.inlinePatterns.register(_Inline(DOLLARS, md), "usbench_math_dollars", DOLLARS_PRIORITY)


class _Blocks(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        for pattern in (DIRECTIVE, FENCE):
            text = pattern.sub(self._block, text)
        return text.split("\n")

    def _block(self, match: re.Match[str]) -> str:
        shown = self.md.htmlStash.store(f'<div class="equation">{mathml(match[2], block=True)}</div>')
        return f"\n{match[1]}{shown}\n"


class _Inline(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str | etree.Element, int, int]:
        shown = mathml(m[2])
        if m[1] or m[3]:
            shown = f'<span class="together">{m[1]}{shown}{m[3]}</span>'
        return self.md.htmlStash.store(shown), m.start(0), m.end(0)


def makeExtension(**options: Any) -> Maths:
    """Return the extension, by Markdown's convention."""
    return Maths(**options)
