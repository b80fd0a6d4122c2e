"""Results on disk: one Parquet file per unit, in a folder that can be merged by copying."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usbench.errors import StoreError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


# Long texts that many rows share: they are kept once, or a million rows would take gigabytes.
SHARED = ("params", "specs", "skipped", "failures", "reason")


class Store:
    """A folder with `units/KEY.parquet` (quality), `timing/KEY.parquet` and `runs/NAME.json` (provenance).

    A file appears under its name only when it is whole, so a process that is killed leaves either all rows of a unit or
    none.

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

        columns_of_rows = table({column: _column([row.get(column) for row in rows]) for column in columns})
        path = self._path(key, lane)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".partial", delete=False) as stream:
                try:
                    parquet.write_table(columns_of_rows, stream)
                    stream.flush()
                    os.fsync(stream.fileno())
                except OSError:
                    os.unlink(stream.name)
                    raise
            os.replace(stream.name, path)
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"The results of a unit cannot be written to {path.parent}: {reason}.") from None

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

        if keys is None:
            keys = sorted(path.stem for path in (self.folder / lane).glob("*.parquet"))
        units = [(key, self._read_one(key, lane)) for key in keys]
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
            with parquet.ParquetFile(path) as file:
                unit = file.read(use_threads=False).replace_schema_metadata()
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0]
            message = f"The results file {path} cannot be read ({reason}); delete it and run again."
            raise StoreError(message) from None
        for place, name in enumerate(unit.column_names):
            if unit[name].null_count == len(unit):  # of numbers, though other units may have texts there
                unit = unit.set_column(place, name, pa.nulls(len(unit)))
            elif name in SHARED:
                unit = unit.set_column(place, name, unit[name].dictionary_encode())
        return unit

    def drop(self, key: str, lane: str = "units") -> None:
        """Forget the rows of a key."""
        self._path(key, lane).unlink(missing_ok=True)

    def absorb(self, other: "Store") -> int:
        """Copy what another store has and this one lacks: rows, times and provenance. Return how many units are new.

        A key is a hash of all that its rows depend on, so a key that both have is not copied.

        Raises
        ------
        StoreError
            If a file cannot be read or written.
        """
        new = 0
        for path in sorted(other.folder.glob("*/*")):
            target = self.folder / path.relative_to(other.folder)
            if path.suffix not in (".parquet", ".json") or target.exists():
                continue
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                partial = target.with_suffix(".partial")
                shutil.copyfile(path, partial)
                os.replace(partial, target)
            except OSError as error:
                raise StoreError(f"{path} cannot be copied to {target}: {error.strerror or error}.") from None
            new += path.parent.name == "units"
        return new

    def write_run(self, name: str, provenance: Mapping[str, Any]) -> None:
        """Keep the provenance of a run."""
        path = self.folder / "runs" / f"{name}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(provenance, indent=1, sort_keys=True) + "\n")
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"The provenance of the run cannot be written to {path}: {reason}.") from None

    def _path(self, key: str, lane: str) -> Path:
        return self.folder / lane / f"{key}.parquet"


def _column(values: list[Any]) -> "pa.Array":
    """Return an Arrow array; numbers are what is missing if all values are, so that columns of units fit together."""
    import pyarrow as pa

    column = pa.array(values)
    return column.cast(pa.float64()) if pa.types.is_null(column.type) else column
