"""Read the CSV tables that come with images."""

import csv
from pathlib import Path

from usbench.core.errors import ImageError

MOST_BYTES = 200 * 2**20


def read_table(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with a header, with stripped keys and values; nothing if there is no such file.

    Raises
    ------
    ImageError
        If it cannot be read as CSV text or is too large for a table.
    """
    if not file.is_file():
        return []
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ImageError(f"The table {file} is larger than {MOST_BYTES:,} bytes.")
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ImageError(f"The table {file} cannot be read: {error}.") from None
    return [{str(k).strip(): str(v).strip() for k, v in row.items() if k is not None} for row in rows]
