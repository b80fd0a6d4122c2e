"""Pictures that `usbench gallery` has made, as data URIs for the page."""

import base64
from itertools import chain, groupby, zip_longest
from pathlib import Path
from typing import Any

from usbench.core.errors import ImageError, StoreError
from usbench.io.picture_folder import picture_files, read_about, read_png

BUDGET = 4_000_000  # bytes of PNG, a third more in base64: with libraries and the default suite the page is under 10 MB


def read_pictures(folder: Path) -> list[dict[str, Any]]:
    """Return the samples of a results folder that have pictures: first one of each data set, then another, and so on.

    Samples that would make the page larger than 10 MB are left out.

    Raises
    ------
    StoreError
        If a file cannot be read, or is not a picture of that folder.
    """
    found: list[dict[str, Any]] = []
    left = BUDGET
    of_sets = [list(files) for _, files in groupby(picture_files(folder / "gallery"), lambda file: file.parent.parent)]
    for about_file in filter(None, chain.from_iterable(zip_longest(*of_sets))):
        try:
            about = read_about(about_file)
            paths = {name: about_file.parent / file for name, file in about.images.items()}
            size = sum(path.stat().st_size for path in paths.values())
            if size > left:
                continue
            pictures = {name: read_png(folder, path) for name, path in paths.items()}
        except (OSError, ImageError) as error:
            raise StoreError(
                f"The pictures of {about_file.parent} cannot be used ({error}); make them again."
            ) from None
        left -= size
        uris = {name: "data:image/png;base64," + base64.b64encode(png).decode() for name, png in pictures.items()}
        found.append({**about.model_dump(exclude_none=True), "images": uris})
    return found
