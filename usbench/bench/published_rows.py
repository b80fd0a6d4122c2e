"""All rows of boards in a file for each lane, to be passed on: so that others need not run what was run already."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from usbench.bench.checksum import Damaged, Unknown, check, seal
from usbench.bench.speed import LANE
from usbench.bench.store import Store
from usbench.core.errors import StoreError
from usbench.io.atomic_write import write_whole

if TYPE_CHECKING:
    import pandas as pd

PUBLISHED = "rows.parquet"
FILES = {"units": PUBLISHED, "timing": "times.parquet", LANE: "speeds.parquet"}
NEEDED = {"units": {"sample", "method", "dataset"}, "timing": {"method", "latency_ms"}, LANE: {"method", "median_ms"}}
KEY = "key"


def publish(rows: "pd.DataFrame", path: Path) -> Path:
    """Write rows of a lane, as `Store.read` gives them, to one Parquet file; the same rows give the same bytes.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    order = [column for column in (KEY, "sample") if column in rows]
    shared = rows.select_dtypes("category").columns
    plain = rows.astype(dict.fromkeys(shared, str)).sort_values(order, kind="stable", ignore_index=True)
    stream = io.BytesIO()
    plain.to_parquet(stream, compression="zstd", index=False)
    try:
        write_whole(path, seal(stream.getvalue()))
        return path
    except OSError as error:
        raise StoreError(f"The rows cannot be written to {path}: {error.strerror or error}.") from None


def is_published(folder: Path) -> bool:
    """Return whether a folder holds published rows, not a store."""
    return (folder / PUBLISHED).is_file()


def published_rows(path: Path, lane: str = "units") -> "pd.DataFrame":
    """Return the rows of a published file of a lane.

    Raises
    ------
    StoreError
        If it is damaged, of a later version, or not such a file.
    """
    import pandas as pd

    try:
        content = path.read_bytes()
        check(content)
        rows = pd.read_parquet(io.BytesIO(content))
    except (OSError, Damaged, Unknown, ValueError) as error:
        raise StoreError(f"The rows of {path} cannot be read: {str(error).splitlines()[0]}.") from None
    if not {KEY} | NEEDED[lane] <= set(rows):
        raise StoreError(
            f"{path} holds no rows of usbench: it has the columns {', '.join(map(str, rows.columns[:5]))}."
        )
    return rows


def take_in(rows: "pd.DataFrame", target: Store, lane: str = "units") -> int:
    """Write what a store lacks of the published rows of a lane, a file per key, and return how many there were."""
    new = 0
    columns = [column for column in rows.columns if column != KEY]
    for key, unit in rows.groupby(KEY, sort=True):
        if not target.has(str(key), lane):
            values = unit[columns].astype(object).where(unit[columns].notna(), None)
            target.write(str(key), [dict(zip(columns, row, strict=True)) for row in values.to_numpy()], columns, lane)
            new += 1
    return new
