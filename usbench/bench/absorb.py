"""Results of another machine into a folder that has some."""

from dataclasses import dataclass
from pathlib import Path

from usbench.bench.files import SUFFIX, write_whole
from usbench.bench.seal import Damaged, Unknown, check
from usbench.bench.store import Store
from usbench.errors import StoreError

NOT_RESULTS = ("damaged",)


@dataclass(frozen=True)
class Absorbed:
    """What came over.

    Attributes
    ----------
    units
        How many units are new.
    damaged
        Files that were left where they are, since their checksum is not that of their content.
    differing
        Tuned settings, pictures and their like that both folders have and that differ: the target's stay.
    """

    units: int
    damaged: tuple[Path, ...]
    differing: tuple[Path, ...]


def absorb(target: Store, source: Store) -> Absorbed:
    """Copy what one store has and the other lacks: rows, times, provenance, tuned settings and pictures.

    A key is a hash of all that its rows depend on, so a key that both have is not copied.

    Raises
    ------
    StoreError
        If a file cannot be read or written, or a later version of usbench wrote it.
    """
    new = 0
    damaged, differing = [], []
    for path in sorted(source.folder.rglob("*")):
        inner = path.relative_to(source.folder)
        copy = target.folder / inner
        if path.suffix == SUFFIX or len(inner.parts) == 1 or inner.parts[0] in NOT_RESULTS or not path.is_file():
            continue
        if copy.exists() and path.suffix == ".parquet":
            continue
        try:
            content = path.read_bytes()
            if copy.exists():
                differing += [inner] if copy.read_bytes() != content else []
                continue
            if path.suffix == ".parquet":
                check(content)
            write_whole(copy, content)
        except Damaged:
            damaged.append(path)
        except Unknown as error:
            raise StoreError(f"{path} cannot be merged: {error}; update usbench.") from None
        except OSError as error:
            raise StoreError(f"{path} cannot be copied to {copy}: {error.strerror or error}.") from None
        else:
            new += inner.parts[0] == "units"
    return Absorbed(new, tuple(damaged), tuple(differing))
