"""Results on disk: one Parquet file per unit, in a folder that can be merged by copying."""

import io
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usbench.bench.checksum import Damaged, Unknown, check, seal
from usbench.core.errors import StoreError
from usbench.io.atomic_write import remove_abandoned, write_whole

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


# Long texts that many rows share: they are kept once, or a million rows would take gigabytes.
SHARED = ("params", "specs", "skipped", "failures", "reason")


class Store:
    """A folder with `units/KEY.parquet` (quality), `timing/KEY.parquet` and `runs/NAME.json` (provenance).

    A file appears under its name only when it is whole, so a process that is killed leaves either all rows of a unit or
    none. Each has a checksum in it; what was damaged later is found by it (see `set_aside_damaged`).

    Parameters
    ----------
    folder
        Made when the first file is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def check_writable(self) -> None:
        """Raise StoreError with the reason if nothing can be written here."""
        try:
            (self.folder / "units").mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder / "units"):
                pass
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"Results cannot be written to {self.folder}: {reason}.") from None
        remove_abandoned(self.folder / "units")

    def has(self, key: str, lane: str = "units") -> bool:
        """Return whether the rows of a key are there."""
        return self._path(key, lane).is_file()

    def write(self, key: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], lane: str = "units") -> None:
        """Write the rows of one key; columns that a row lacks are null.

        Raises
        ------
        StoreError
            If the disk is full or the folder is not writable. Nothing half-written stays under the key.
        """
        from pyarrow import parquet, table

        rows_of_unit = table({column: _column([row.get(column) for row in rows]) for column in columns})
        stream = io.BytesIO()
        parquet.write_table(rows_of_unit, stream)
        path = self._path(key, lane)
        try:
            write_whole(path, seal(stream.getvalue()))
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"The results of a unit cannot be written to {path.parent}: {reason}.") from None

    def set_aside_damaged(self, lane: str = "units", keys: Iterable[str] | None = None) -> list[Path]:
        """Move files that are not as they were written to the folder `damaged`, and return where they are now.

        Their keys are missing from then on, so that the next run computes them again. This reads every file once, at
        some 20,000 a second.

        Parameters
        ----------
        lane
            `units`, `timing` or `speed`.
        keys
            Which to look at; all if None.

        Raises
        ------
        StoreError
            If a damaged file cannot be moved, or a later version of usbench wrote one.
        """
        moved = []
        for key in self.keys(lane) if keys is None else keys:
            path = self._path(key, lane)
            try:
                check(path.read_bytes())
            except (FileNotFoundError, IsADirectoryError):
                continue
            except Damaged:
                moved.append(self._set_aside(path))
            except (OSError, Unknown) as error:
                raise _unreadable(path, error) from None
        return moved

    def keys(self, lane: str = "units") -> list[str]:
        """Return all keys of a lane in order."""
        return sorted(path.stem for path in (self.folder / lane).glob("*.parquet"))

    def read(self, keys: Iterable[str] | None = None, lane: str = "units") -> "pd.DataFrame":
        """Return the rows of the keys, or of all keys in the order of their names, with the key in column `key`.

        Columns of long texts are categories.

        Raises
        ------
        StoreError
            If a file is damaged or missing.
        """
        import pandas as pd
        import pyarrow as pa

        units = [(key, self._read_one(key, lane)) for key in (self.keys(lane) if keys is None else keys)]
        tables = [
            unit.append_column("key", pa.repeat(key, len(unit)).dictionary_encode()) for key, unit in units if len(unit)
        ]
        if not tables:
            return pd.DataFrame()
        rows = pa.concat_tables(tables, promote_options="permissive").unify_dictionaries()
        empty = [name for name in rows.column_names if pa.types.is_null(rows[name].type)]
        return rows.to_pandas().astype(dict.fromkeys(empty, float))

    def _read_one(self, key: str, lane: str) -> "pa.Table":
        import pyarrow as pa
        from pyarrow import parquet

        path = self._path(key, lane)
        try:
            content = path.read_bytes()
            check(content)
            with parquet.ParquetFile(pa.BufferReader(content)) as file:
                unit = file.read(use_threads=False).replace_schema_metadata()
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None
        for place, name in enumerate(unit.column_names):
            if unit[name].null_count == len(unit):  # of numbers, though other units may have texts there
                unit = unit.set_column(place, name, pa.nulls(len(unit)))
            elif name in SHARED:
                unit = unit.set_column(place, name, unit[name].dictionary_encode())
        return unit

    def drop(self, key: str, lane: str = "units") -> None:
        """Forget the rows of a key."""
        self._path(key, lane).unlink(missing_ok=True)

    def write_run(self, name: str, provenance: Mapping[str, Any]) -> None:
        """Keep the provenance of a run."""
        path = self.folder / "runs" / f"{name}.json"
        try:
            write_whole(path, (json.dumps(provenance, indent=1, sort_keys=True) + "\n").encode())
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"The provenance of the run cannot be written to {path}: {reason}.") from None

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
        return self.folder / lane / f"{key}.parquet"


def _unreadable(path: Path, error: Exception) -> StoreError:
    reason = str(error).splitlines()[0]
    if isinstance(error, Unknown):
        return StoreError(f"The results file {path} cannot be read: {reason}; update usbench.")
    return StoreError(f"The results file {path} cannot be read ({reason}); delete it and run again.")


def _column(values: list[Any]) -> "pa.Array":
    """Return an Arrow array; numbers are what is missing if all values are, so that columns of units fit together."""
    import pyarrow as pa

    column = pa.array(values)
    return column.cast(pa.float64()) if pa.types.is_null(column.type) else column
