"""Pictures that `usbench gallery` has made, as data URIs for the page."""

import base64
import json
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from usbench.core.errors import StoreError

BUDGET = 4_000_000  # bytes of PNG, a third more in base64: with libraries and the default suite the page is under 10 MB


def read_pictures(folder: Path) -> list[dict[str, Any]]:
    """Return the samples of a results folder that have pictures: first one of each data set, then another, and so on.

    Samples that would make the page larger than 10 MB are left out.

    Raises
    ------
    StoreError
        If a file cannot be read.
    """
    found: list[dict[str, Any]] = []
    left = BUDGET
    of_sets = [sorted(of_set.glob("*/about.json")) for of_set in sorted((folder / "gallery").glob("*"))]
    for about_file in filter(None, chain.from_iterable(zip_longest(*of_sets))):
        try:
            about = json.loads(about_file.read_text(encoding="utf-8"))
            files = {name: (about_file.parent / file).read_bytes() for name, file in about["images"].items()}
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(
                f"The pictures of {about_file.parent} cannot be read ({error}); make them again."
            ) from None
        size = sum(map(len, files.values()))
        if size > left:
            continue
        left -= size
        uris = {name: "data:image/png;base64," + base64.b64encode(png).decode() for name, png in files.items()}
        found.append({**about, "images": uris})
    return found
