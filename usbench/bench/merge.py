"""Results of another machine, or published ones, into a folder that has some.

The other folder is untrusted: only files that a results folder is known to have are copied, by names that are checked
here, links are not followed, and nothing in them names code or a path.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from usbench.bench.published_rows import FILES, is_published, published_rows
from usbench.bench.store import LANES, UNITS, Store
from usbench.bench.tune import read_tuned
from usbench.core.errors import StoreError, UsbenchError
from usbench.io.atomic_write import write_whole

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._=+-]{0,200}")
PNG = b"\x89PNG\r\n\x1a\n"


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
    if source.is_file():
        return Merged(target.add(published_rows(source)))
    if is_published(source):
        new = {lane: target.add(published_rows(source / name, lane), lane) for lane, name in FILES.items() if
               (source / name).is_file()}  # fmt: skip
        return Merged(new[UNITS])
    other = Store(source)
    new = {lane: target.add(rows, lane) for lane in LANES if len(rows := other.read(lane=lane))}
    differing, refused = [], []
    for path in _known_files(source):
        inner = path.relative_to(source)
        if not _is_what_it_says(path, inner):
            refused.append(inner)
        elif not _copy(path, target.folder / inner):
            differing.append(inner)
    return Merged(new.get(UNITS, 0), tuple(differing), tuple(refused))


def _known_files(folder: Path) -> Iterator[Path]:
    """Yield the files beside rows that a results folder may have; links and other names are passed over."""
    for pattern in ("runs/*.json", "tuning/*/*.json", "gallery/*/*/about.json", "gallery/*/*/*.png"):
        for path in sorted(folder.glob(pattern)):
            parts = path.relative_to(folder).parts
            links = any(folder.joinpath(*parts[: n + 1]).is_symlink() for n in range(len(parts)))
            if not links and path.is_file() and all(NAME.fullmatch(part) for part in parts):
                yield path


def _is_what_it_says(path: Path, inner: PurePath) -> bool:
    try:
        if inner.suffix == ".png":
            return path.read_bytes().startswith(PNG)
        if inner.parts[0] == "tuning":
            read_tuned(path)
            return True
        about = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, UsbenchError):
        return False
    if inner.parts[0] == "runs":
        return isinstance(about, dict) and isinstance(about.get("keys"), list)
    images = about.get("images") if isinstance(about, dict) else None
    return isinstance(images, dict) and all(NAME.fullmatch(str(name)) for name in images.values())


def _copy(path: Path, copy: Path) -> bool:
    """Copy a file unless the target has one; return whether the target's is the same."""
    try:
        content = path.read_bytes()
        if copy.exists():
            return copy.read_bytes() == content
        write_whole(copy, content)
    except OSError as error:
        raise StoreError(f"{path} cannot be copied to {copy}: {error.strerror or error}.") from None
    return True
