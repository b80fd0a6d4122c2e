"""Results of another machine, or published ones, into a folder that has some.

The other folder is untrusted (`usbench.core.untrusted`): only files that a results folder is known to have are copied,
by checked names and after their content is checked, and links are not followed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from usbench.bench.published_rows import is_published, published_files, published_rows
from usbench.bench.rows_schema import checked
from usbench.bench.store import LANES, UNITS, Store
from usbench.bench.tune import read_tuned
from usbench.core.errors import StoreError, UsbenchError
from usbench.core.untrusted import is_file_name, is_key, link_on_the_way
from usbench.io.atomic_write import write_whole
from usbench.io.picture_folder import ABOUT, read_about, read_png

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Merged:
    """What came over.

    Attributes
    ----------
    units
        How many units are new.
    differing
        Tuned settings and pictures that both folders have and that differ: the target's are kept.
    refused
        Files of the source that are not what their place in the folder says, and were left out.
    """

    units: int
    differing: tuple[PurePath, ...] = ()
    refused: tuple[PurePath, ...] = ()


def merge(target: Store, source: Path) -> Merged:
    """Copy what the source has and the target lacks: rows, speeds, provenance, tuned settings and pictures.

    Parameters
    ----------
    source
        A results folder, a folder of published boards, or a file of published rows. A key is a hash of all that its
        rows depend on, so that a key which both have is not copied.

    Raises
    ------
    StoreError
        If a file cannot be read or written, or rows are not what they should be.
    """
    target.refuse_links()
    if source.is_file():
        return Merged(target.add(published_rows(source)))
    if is_published(source):
        read = {lane: published_rows(file, lane) for lane, file in published_files(source).items()}
        return Merged(_add(target, read))
    other = Store(source)
    other.refuse_links()
    new = _add(target, {lane: checked(other.read(lane=lane), lane, source) for lane in LANES})
    differing, refused = [], []
    for path in _known_files(source):
        inner = path.relative_to(source)
        if not _is_what_it_says(path, inner):
            refused.append(inner)
        elif not _copy(path, target.folder / inner, target.folder):
            differing.append(inner)
    return Merged(new, tuple(differing), tuple(refused))


def _add(target: Store, read: "Mapping[str, pd.DataFrame]") -> int:
    """Add the rows of each lane, and return how many units are new."""
    new = {lane: target.add(rows, lane) for lane, rows in read.items() if len(rows)}
    return new.get(UNITS, 0)


def _known_files(folder: Path) -> Iterator[Path]:
    """Yield the files beside rows that a results folder may have; links and other names are passed over."""
    for pattern in ("runs/*.json", "tuning/*/*.json", "gallery/*/*/about.json", "gallery/*/*/*.png"):
        for path in sorted(folder.glob(pattern)):
            plain = all(map(is_file_name, path.relative_to(folder).parts))
            if plain and path.is_file() and not link_on_the_way(folder, path):
                yield path


def _is_what_it_says(path: Path, inner: PurePath) -> bool:
    try:
        if inner.suffix == ".png":
            read_png(path.parent, path)
        elif inner.name == ABOUT:
            read_about(path)
        elif inner.parts[0] == "tuning":
            read_tuned(path)
        else:
            keys = json.loads(path.read_text(encoding="utf-8"))["keys"]
            return isinstance(keys, list) and all(isinstance(key, str) and is_key(key) for key in keys)
    except (OSError, ValueError, LookupError, TypeError, RecursionError, UsbenchError):
        return False
    return True


def _copy(path: Path, copy: Path, folder: Path) -> bool:
    """Copy a file unless the target folder has one; return whether that is the same."""
    try:
        content = path.read_bytes()
        if link := link_on_the_way(folder, copy):
            raise StoreError(f"{link} is a link; a results folder has its own files in its place.")
        if copy.exists():
            return copy.read_bytes() == content
        write_whole(copy, content)
    except OSError as error:
        raise StoreError(f"{path} cannot be copied to {copy}: {error.strerror or error}.") from None
    return True
