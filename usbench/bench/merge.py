"""Results of another machine into a folder that has some."""

from dataclasses import dataclass
from pathlib import Path

from usbench.bench.store import Store
from usbench.core.errors import StoreError
from usbench.io.atomic_write import SUFFIX, write_whole

NOT_RESULTS = ("damaged",)


@dataclass(frozen=True)
class Absorbed:
    """What came over.

    Attributes
    ----------
    units
        How many units are new.
    differing
        Tuned settings, pictures and their like that both folders have and that differ: the target's stay.
    """

    units: int
    differing: tuple[Path, ...]


def absorb(target: Store, source: Store) -> Absorbed:
    """Copy what one store has and the other lacks: rows, times, provenance, tuned settings and pictures.

    A key is a hash of all that its rows depend on, so a key that both have is not copied. Checksums are not looked at:
    damaged files of the source are to be set aside before (`Store.set_aside_damaged`).

    Raises
    ------
    StoreError
        If a file cannot be read or written.
    """
    new = 0
    differing = []
    for path in sorted(source.folder.rglob("*")):
        inner = path.relative_to(source.folder)
        copy = target.folder / inner
        if path.suffix == SUFFIX or len(inner.parts) == 1 or inner.parts[0] in NOT_RESULTS or not path.is_file():
            continue
        try:
            if not copy.exists():
                write_whole(copy, path.read_bytes())
                new += inner.parts[0] == "units"
            elif path.suffix != ".parquet" and copy.read_bytes() != path.read_bytes():
                differing.append(inner)
        except OSError as error:
            raise StoreError(f"{path} cannot be copied to {copy}: {error.strerror or error}.") from None
    return Absorbed(new, tuple(differing))
