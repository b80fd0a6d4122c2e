"""The leaderboards as one self-contained HTML file."""

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from usbench.board.wording import LESIONS, TUNING
from usbench.core.errors import StoreError

# Libraries that are embedded in the page with their licences.
LIBRARIES = {"DataTables": "dataTables", "plotly.js": "plotly"}
MOST_BYTES = 9_900_000  # of the page


def write_page(data: Mapping[str, Any], folder: Path) -> Path:
    """Write `index.html` and return its path; the same data give the same bytes.

    The data are embedded as JSON, and their texts are shown as text: none is ever parsed as HTML or run.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    parts = files("usbench.board.page")
    environment = Environment(
        loader=PackageLoader("usbench.board.page", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    libraries = [
        _inline(parts.joinpath("vendor", name).read_text("utf-8"))
        for name in ("plotly-basic.min.js", "dataTables.min.js")
    ]
    scripts = [
        _inline(parts.joinpath(name).read_text("utf-8"))
        for name in (
            "page.js",
            "compare.js",
            "studies.js",
            "plots.js",
            "lesions.js",
            "viewer.js",
            "front.js",
            "start.js",
        )
    ]
    text = environment.get_template("index.html.j2").render(
        data=embedded(data),
        script_hashes=" ".join(map(script_hash, [*libraries, *scripts])),
        lesions=LESIONS,
        tuning=TUNING,
        style=parts.joinpath("page.css").read_text(encoding="utf-8"),
        libraries=libraries,
        scripts=scripts,
        licences={
            name: parts.joinpath("vendor", f"{file}.LICENSE.txt").read_text("utf-8") for name, file in LIBRARIES.items()
        },
    )
    path = folder / "index.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise StoreError(f"The page cannot be written to {path}: {error.strerror or error}.") from None
    return path


def room_for_pictures(data: Mapping[str, Any]) -> int:
    """Return how many bytes are left for pictures in a page of the data, which are without pictures."""
    parts = files("usbench.board.page")
    here = [file for folder in (parts, parts / "vendor") for file in folder.iterdir() if file.is_file()]
    fixed = sum(len(file.read_bytes()) for file in here)
    return max(0, MOST_BYTES - fixed - len(embedded(data).encode()))


def embedded(data: Mapping[str, Any]) -> str:
    """Return JSON that is safe inside a script element: no text in it can end the element or begin another."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def script_hash(script: str) -> str:
    """Return the source by which the page's policy allows a script and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _inline(script: str) -> str:
    """Return a script in which nothing ends its element."""
    return script.replace("</script", "<\\/script")
