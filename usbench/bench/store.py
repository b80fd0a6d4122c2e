"""Results on disk: a Parquet file per unit, packed together as they become many."""

import hashlib
import json
import os
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usbench.bench.rows_file import (
    SUFFIX,
    is_damaged,
    joined,
    plain_texts,
    read_keys,
    read_table,
    table_of,
    write_table,
)
from usbench.core.errors import StoreError
from usbench.core.untrusted import is_key, link_on_the_way
from usbench.io.atomic_write import remove_abandoned, write_whole

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

UNITS, SPEED = "units", "speed"
LANES = (UNITS, SPEED)
PACKED = "packed"  # the folder of a lane with files of many units
LOOSE = 500  # files of one unit in a lane from which on they are packed
LANE_FOLDERS = (*LANES, *(f"{lane}/{PACKED}" for lane in LANES))
FOLDERS = (*LANE_FOLDERS, "runs", "damaged", "tuning", "gallery")


class Store:
    """A folder with `units/KEY.parquet` (quality), `speed/KEY.parquet` and `runs/NAME.json` (provenance).

    A file appears under its name only when it is whole, so a process that is killed leaves either all rows of a unit or
    none. `pack` joins the files of many units in `units/packed/HASH.parquet`. Each file has a checksum; damage is found
    by it (see `set_aside_damaged`).

    Parameters
    ----------
    folder
        Made when the first file is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def refuse_links(self) -> None:
        """Check that folders and rows are no links: a folder from outside does not decide what is read or written.

        Raises
        ------
        StoreError
            If one is.
        """
        for name in FOLDERS:
            if link := link_on_the_way(self.folder, self.folder / name):
                raise StoreError(f"{link} is a link; a results folder has its own folder in its place.")
        for lane in (self.folder / name for name in LANE_FOLDERS):
            with suppress(FileNotFoundError, NotADirectoryError), os.scandir(lane) as entries:
                for entry in entries:
                    known = entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)
                    if entry.name.endswith(SUFFIX) and not known:
                        kind = "a link" if entry.is_symlink() else "no file"
                        raise StoreError(f"{lane / entry.name} is {kind}; a results folder has a file in its place.")

    def check_writable(self) -> None:
        """Raise StoreError with the reason if nothing can be written here."""
        self.refuse_links()
        try:
            (self.folder / UNITS).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder / UNITS):
                pass
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"Results cannot be written to {self.folder}: {reason}.") from None
        remove_abandoned(self.folder / UNITS)

    def has(self, key: str, lane: str = UNITS) -> bool:
        """Return whether the rows of a key are there."""
        return self._path(key, lane).is_file() or key in self._packed_keys(lane)

    def keys(self, lane: str = UNITS) -> list[str]:
        """Return all keys of a lane in order."""
        loose = {path.stem for path in self._loose(lane)}  # first: a file that is packed meanwhile is found in its pack
        return sorted(loose | self._packed_keys(lane))

    def write(self, key: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], lane: str = UNITS) -> None:
        """Write the rows of one key; columns that a row lacks are null.

        Raises
        ------
        StoreError
            If the disk is full or the folder is not writable. Nothing half-written stays under the key.
        """
        write_table(self._path(key, lane), table_of(rows, columns))

    def add(self, rows: "pd.DataFrame", lane: str = UNITS) -> int:
        """Write the rows of all keys that are not there yet, and return how many keys that are.

        Parameters
        ----------
        rows
            As `read` returns them.

        Raises
        ------
        StoreError
            If a key is not one, or the rows cannot be written.
        """
        import pyarrow as pa

        names = rows["key"].astype(str)
        for key in names.unique():
            _check_key(key)
        present = set(self.keys(lane))
        new = rows[~names.isin(present)]
        if len(new):
            self._write_pack(pa.Table.from_pandas(new, preserve_index=False), lane)
        return int(new["key"].nunique())

    def read(self, keys: Collection[str] | None = None, lane: str = UNITS) -> "pd.DataFrame":
        """Return the rows of the keys, or of all keys in the order of their names, with the key in column `key`.

        Columns of long texts are categories.

        Raises
        ------
        StoreError
            If a file is damaged or missing.
        """
        import pandas as pd
        import pyarrow as pa
        from pyarrow import compute

        wanted = self.keys(lane) if keys is None else list(dict.fromkeys(keys))
        packs = self._packs_of(wanted, lane)
        packed = {key for of_pack in packs.values() for key in of_pack}
        tables = []
        for pack, here in packs.items():
            table = read_table(pack)
            if len(here) < len(_keys_of(pack)):
                table = table.filter(compute.is_in(table["key"].cast(pa.string()), pa.array(sorted(here))))
            tables.append(table)
        tables += [self._read_loose(key, lane) for key in wanted if key not in packed]
        tables = [table for table in tables if len(table)]
        if not tables:
            return pd.DataFrame()
        rows = joined(tables)
        empty = [name for name in rows.column_names if pa.types.is_null(rows[name].type)]
        frame = rows.to_pandas().astype(dict.fromkeys(empty, float))
        place = {key: number for number, key in enumerate(wanted)}
        order = frame["key"].astype(object).map(place).to_numpy().argsort(kind="stable")
        return frame.iloc[order].reset_index(drop=True).astype({"key": "category"})

    def drop(self, keys: Iterable[str], lane: str = UNITS) -> None:
        """Forget the rows of keys."""
        import pyarrow as pa
        from pyarrow import compute

        dropped = list(keys)
        for pack, here in self._packs_of(dropped, lane).items():
            table = read_table(pack)
            kept = table.filter(compute.invert(compute.is_in(table["key"].cast(pa.string()), pa.array(sorted(here)))))
            if len(kept):
                self._write_pack(kept, lane)
            pack.unlink(missing_ok=True)
        for key in dropped:
            self._path(key, lane).unlink(missing_ok=True)

    def pack(self, lane: str = UNITS, least: int = LOOSE) -> None:
        """Join the files of single units in one, if there are `least` or more.

        Readers in other processes see every row before, meanwhile and after.

        Raises
        ------
        StoreError
            If a file is damaged or the folder is not writable.
        """
        loose = self._loose(lane)
        if len(loose) >= least:
            self._write_pack(joined([self._read_loose(path.stem, lane) for path in loose]), lane)
            for path in loose:
                path.unlink(missing_ok=True)

    def set_aside_damaged(self, lane: str = UNITS, keys: Collection[str] | None = None) -> list[Path]:
        """Move files that are not as they were written to the folder `damaged`, and return where they are now.

        Their keys are missing from then on, so that the next run computes them again. This reads every file once, at
        some 20,000 a second.

        Parameters
        ----------
        lane
            `units` or `speed`.
        keys
            Which to check; all if None.

        Raises
        ------
        StoreError
            If a damaged file cannot be moved, or a later version of usbench wrote one.
        """
        packs = [pack for pack in self._packs(lane) if is_damaged(pack)]
        loose = self._loose(lane) if keys is None else [self._path(key, lane) for key in keys]
        return [self._set_aside(path) for path in [*packs, *(path for path in loose if is_damaged(path))]]

    def write_run(self, name: str, provenance: Mapping[str, Any]) -> None:
        """Keep the provenance of a run."""
        path = self.folder / "runs" / f"{name}.json"
        try:
            write_whole(path, (json.dumps(provenance, indent=1, sort_keys=True) + "\n").encode())
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"The provenance of the run cannot be written to {path}: {reason}.") from None

    def _read_loose(self, key: str, lane: str) -> "pa.Table":
        import pyarrow as pa

        table = read_table(self._path(key, lane))
        if "key" in table.column_names:  # the file's name decides
            table = table.drop_columns("key")
        return table.append_column("key", pa.repeat(pa.scalar(key), len(table)))

    def _write_pack(self, table: "pa.Table", lane: str) -> None:
        """Write rows of many keys, in the order of the keys, under a name that their content decides."""
        plain = plain_texts(table, ("key", "sample", "size", "batch"))
        name = hashlib.sha256("".join(sorted(set(plain["key"].to_pylist()))).encode()).hexdigest()[:24]
        write_table(self.folder / lane / PACKED / f"{name}{SUFFIX}", plain)

    def _loose(self, lane: str) -> list[Path]:
        return sorted((self.folder / lane).glob(f"*{SUFFIX}"))

    def _packs(self, lane: str) -> list[Path]:
        return sorted((self.folder / lane / PACKED).glob(f"*{SUFFIX}"))

    def _packed_keys(self, lane: str) -> frozenset[str]:
        try:
            changed = (self.folder / lane / PACKED).stat().st_mtime_ns
        except OSError:
            return frozenset()
        return _keys_of_packs(self.folder / lane / PACKED, changed)

    def _packs_of(self, keys: Iterable[str], lane: str) -> dict[Path, set[str]]:
        """Return which of the keys are in which pack; a key in two is in the first."""
        left = set(keys)
        found = {}
        for pack in self._packs(lane):
            if here := left & _keys_of(pack):
                found[pack] = here
                left -= here
        return found

    def _set_aside(self, path: Path) -> Path:
        target = self.folder / "damaged" / path.relative_to(self.folder)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            return path.replace(target)
        except FileNotFoundError:  # another run was first
            return target
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"{path} is damaged and cannot be moved to {target.parent}: {reason}.") from None

    def _path(self, key: str, lane: str) -> Path:
        _check_key(key)
        return self.folder / lane / f"{key}{SUFFIX}"


def _check_key(key: str) -> None:
    """Refuse what is not a key: keys become names of files."""
    if not is_key(key):
        raise StoreError(f"{key[:40]!r} is not a key of results.")


def _keys_of(pack: Path) -> frozenset[str]:
    with suppress(OSError):
        return _read_keys(pack, pack.stat().st_mtime_ns)
    return frozenset()


@cache
def _read_keys(pack: Path, changed: int) -> frozenset[str]:
    return frozenset(read_keys(pack))


@cache
def _keys_of_packs(folder: Path, changed: int) -> frozenset[str]:
    return frozenset().union(*(_keys_of(pack) for pack in folder.glob(f"*{SUFFIX}")))
