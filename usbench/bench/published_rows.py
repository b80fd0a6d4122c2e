"""All rows of boards, a file for each lane, so that others need not run what was run already."""

from pathlib import Path
from typing import TYPE_CHECKING

from usbench.bench.rows_file import plain_texts, read_table, write_table
from usbench.bench.rows_schema import checked
from usbench.bench.store import SPEED, UNITS
from usbench.core.errors import StoreError

if TYPE_CHECKING:
    import pandas as pd

PUBLISHED = "rows.parquet"
FILES = {UNITS: PUBLISHED, SPEED: "speeds.parquet"}
KEY = "key"


def publish(rows: "pd.DataFrame", path: Path) -> Path:
    """Write rows of a lane, as `Store.read` returns them, to one Parquet file; the same rows give the same bytes.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    import pyarrow as pa

    write_table(path, plain_texts(pa.Table.from_pandas(rows, preserve_index=False), (KEY, "sample")))
    return path


def is_published(folder: Path) -> bool:
    """Return whether a folder holds published rows, not a store."""
    return UNITS in published_files(folder)


def published_files(folder: Path) -> dict[str, Path]:
    """Return the files of published rows in a folder by their lane; links are passed over."""
    files = {lane: folder / name for lane, name in FILES.items()}
    return {lane: file for lane, file in files.items() if file.is_file() and not file.is_symlink()}


def published_rows(path: Path, lane: str = UNITS) -> "pd.DataFrame":
    """Return the rows of a published file of a lane.

    Raises
    ------
    StoreError
        If it is damaged, of a later version, or not such a file.
    """
    table = read_table(path)
    if KEY not in table.column_names:
        raise StoreError(f"{path} holds no rows of usbench: it has the columns {', '.join(table.column_names[:5])}.")
    return checked(table.to_pandas(), lane, path)
