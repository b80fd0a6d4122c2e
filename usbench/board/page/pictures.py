"""Pictures that `usbench gallery` left beside the rows, ready to stand in a page."""

import base64
import json
from pathlib import Path
from typing import Any

from usbench.errors import StoreError

BUDGET = 6_000_000  # bytes of PNG: with the drawing libraries the page stays under 10 MB


def read_pictures(folder: Path) -> list[dict[str, Any]]:
    """Return the samples of a results folder that have pictures, in the order of their names.

    Samples that would make the page larger than 10 MB are left out.

    Raises
    ------
    StoreError
        If a file cannot be read.
    """
    found: list[dict[str, Any]] = []
    left = BUDGET
    for about_file in sorted((folder / "gallery").glob("*/*/about.json")):
        try:
            about = json.loads(about_file.read_text(encoding="utf-8"))
            files = {name: (about_file.parent / file).read_bytes() for name, file in about["images"].items()}
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(
                f"The pictures of {about_file.parent} cannot be read ({error}); make them again."
            ) from None
        left -= sum(map(len, files.values()))
        if left < 0:
            break
        uris = {name: "data:image/png;base64," + base64.b64encode(png).decode() for name, png in files.items()}
        found.append({**about, "images": uris})
    return found
