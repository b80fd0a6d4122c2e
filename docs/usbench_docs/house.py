"""The map of the house in CONTRIBUTING.md: the first line of each package's docstring, in the order of the layers.

`python docs/usbench_docs/house.py` writes it anew; a test holds it.
"""

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- house: written by docs/usbench_docs/house.py -->\n", "<!-- end of house -->"
WIDTH = 26


def house() -> str:
    """Return the map, a line for each package and for each module beside them, lowest layer first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = [name.strip() for layer in reversed(contracts[0]["layers"]) for name in layer.split("|")]
    lines = []
    for layer in layers:
        beside = (ROOT / "usbench" / layer, ROOT / layer)
        place = next((path for path in beside if path.is_dir()), ROOT / "usbench" / f"{layer}.py")
        if layer != "__main__":
            lines += _lines(place)
    return "```\n" + "\n".join(lines) + "\n```\n"


def with_house(text: str) -> str:
    """Return the text of CONTRIBUTING.md with the present map."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + house() + END + rest.partition(END)[2]


def _lines(place: Path) -> list[str]:
    name = str(place.relative_to(ROOT)) + ("" if place.suffix else "/")
    file = place if place.suffix else place / "__init__.py"
    summary = (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n")[0]
    nested = sorted(path.parent for path in place.glob("*/__init__.py"))
    return [f"{name:{WIDTH}} {summary}".rstrip(), *(line for path in nested for line in _lines(path))]


if __name__ == "__main__":
    contributing = ROOT / "CONTRIBUTING.md"
    contributing.write_text(with_house(contributing.read_text(encoding="utf-8")), encoding="utf-8")
