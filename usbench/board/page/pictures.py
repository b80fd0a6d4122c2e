"""Pictures that `usbench gallery` has made: a few in the page, compressed, and all of them in a folder beside it."""

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby, zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import quote

from usbench.core.errors import ImageError, StoreError
from usbench.io.picture_folder import About, picture_files, read_about, read_png

ROOM = 5_000_000  # bytes of text for pictures
FIRST = 6  # methods of a set that get a picture before any other set gets more
QUALITY = 92  # of JPEG: 38 dB or more from the speckle, about 50 dB from despeckled images
FOLDER = "pictures"
ALWAYS = ("regions", "input", "reference")

Leading = Mapping[tuple[str, str], Sequence[str]]


def read_pictures(folder: Path, leading: Leading | None = None, room: int = ROOM) -> list[dict[str, Any]]:
    """Return the samples of a results folder that have pictures.

    Those of the input, the reference and the leading methods of every set are in the page as JPEG, then more of each
    while there is room. `files` has the address of every picture in the folder that `copy_pictures` makes.

    Parameters
    ----------
    folder
        The results folder.
    leading
        Labels of methods by (data set, split), best first.
    room
        Bytes that the pictures may take in the page.

    Raises
    ------
    StoreError
        If a file cannot be read, or is not a picture of that folder.
    """
    of_sets = [list(files) for _, files in groupby(picture_files(folder / "gallery"), lambda file: file.parent.parent)]
    samples = [(file, _about(file)) for file in chain.from_iterable(zip_longest(*of_sets)) if file]
    found = [
        {**about.model_dump(exclude_none=True), "images": {}, "files": _addresses(folder, file, about)}
        for file, about in samples
    ]
    left = room
    for place, name in _in_turn([_by_importance(about, leading or {}) for _, about in samples]):
        file, about = samples[place]
        uri = _uri(folder, file.parent / about.images[name], lossless=name == "regions")
        left -= len(uri)
        if left < 0:
            break
        found[place]["images"][name] = uri
    return found


def copy_pictures(folder: Path, out: Path) -> None:
    """Copy the pictures of a results folder to `out`/pictures.

    Raises
    ------
    OSError
        If they cannot be written.
    StoreError
        As in `read_pictures`.
    """
    for file in picture_files(folder / "gallery"):
        target = out / FOLDER / file.parent.relative_to(folder / "gallery")
        target.mkdir(parents=True)
        for name in set(_about(file).images.values()):
            (target / name).write_bytes(_png(folder, file.parent / name))


def _about(file: Path) -> About:
    try:
        return read_about(file)
    except ImageError as error:
        raise _unusable(file.parent, error) from None


def _addresses(folder: Path, file: Path, about: About) -> dict[str, str]:
    here = file.parent.relative_to(folder / "gallery").parts
    return {label: "/".join(map(quote, (FOLDER, *here, name))) for label, name in about.images.items()}


def _by_importance(about: About, leading: Leading) -> tuple[list[str], list[str]]:
    """Return the labels of the pictures that a sample has first, and of the others, by importance."""
    methods = [name for name in leading.get((about.dataset, about.split), ()) if name in about.images]
    first = [*(name for name in ALWAYS if name in about.images), *methods[:FIRST]]
    return first, [*methods[FIRST:], *sorted(set(about.images) - set(first) - set(methods))]


def _in_turn(queues: Sequence[tuple[list[str], list[str]]]) -> Iterator[tuple[int, str]]:
    """Yield (sample, label): the first pictures of every sample, then one more of each, and so on."""
    for place, (first, _) in enumerate(queues):
        yield from ((place, name) for name in first)
    for names in zip_longest(*(rest for _, rest in queues)):
        yield from ((place, name) for place, name in enumerate(names) if name is not None)


def _uri(folder: Path, file: Path, *, lossless: bool) -> str:
    from PIL import Image

    png = _png(folder, file)
    if lossless:
        return "data:image/png;base64," + base64.b64encode(png).decode()
    packed = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("L").save(packed, format="JPEG", quality=QUALITY, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(packed.getvalue()).decode()


def _png(folder: Path, file: Path) -> bytes:
    try:
        return read_png(folder, file)
    except ImageError as error:
        raise _unusable(file.parent, error) from None


def _unusable(folder: Path, error: Exception) -> StoreError:
    return StoreError(f"The pictures of {folder} cannot be used ({error}); make them again.")
