"""Rows in a Parquet file with a checksum.

What is the same in all rows of a file (names, versions, definitions) is kept once, in the schema's metadata: a unit has
a few dozen such columns, and opening thousands of files takes as long as they have columns.
"""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usbench.bench.checksum import Damaged, Unknown, check, seal
from usbench.core.errors import StoreError, sentence
from usbench.io.atomic_write import write_whole

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

SUFFIX = ".parquet"
MOST_ROWS, MOST_COLUMNS = 50_000_000, 10_000  # of a file: ten times what a million images of 50 methods need
UNREADABLE = (
    OSError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    NotImplementedError,
    RecursionError,
    MemoryError,
)
METADATA = b"usbench"  # of the schema: JSON with `columns` in order and `constant` values by column

# Long texts that many rows share: in memory each is kept once, or a million rows would take gigabytes.
SHARED = ("params", "specs", "metric_versions", "libraries", "skipped", "failures", "reason")


def table_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> "pa.Table":
    """Return rows as an Arrow table; a value that a row lacks is null."""
    import pyarrow as pa

    arrays = [pa.array([row.get(column) for row in rows]) for column in columns]
    # numbers are what is missing if all values are, so that columns of several files fit together
    arrays = [array.cast(pa.float64()) if pa.types.is_null(array.type) else array for array in arrays]
    return pa.table(dict(zip(columns, arrays, strict=True)))


def write_table(path: Path, table: "pa.Table") -> None:
    """Write a table whole or not at all; the same rows give the same bytes.

    Raises
    ------
    StoreError
        If the disk is full or the folder is not writable.
    """
    from pyarrow import parquet

    constant = {name: values[0] for name in table.column_names if (values := _constant(table[name])) is not None}
    about = json.dumps({"columns": table.column_names, "constant": constant}, separators=(",", ":"))
    varying = table.drop_columns(list(constant)).replace_schema_metadata({METADATA: about})
    stream = io.BytesIO()
    parquet.write_table(varying, stream, compression="zstd")
    try:
        write_whole(path, seal(stream.getvalue()))
    except OSError as error:
        raise StoreError(f"The results cannot be written to {path}: {error.strerror or error}.") from None


def read_table(path: Path) -> "pa.Table":
    """Return the table of a file, long texts dictionary-encoded.

    Raises
    ------
    StoreError
        If the file is damaged, missing, or written by a later version of usbench.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        content = path.read_bytes()
        check(content)
        with parquet.ParquetFile(pa.BufferReader(content)) as file:
            _check_size(file)
            table = file.read(use_threads=False)
        about = json.loads((table.schema.metadata or {}).get(METADATA, b"{}"))
        return _restored(table.replace_schema_metadata(), about.get("columns", table.column_names), about)
    except (*UNREADABLE, pa.ArrowException) as error:
        raise unreadable(path, error) from None


def _check_size(file: "parquet.ParquetFile") -> None:
    """Raise ValueError if a file of few bytes would become a table that does not fit into memory."""
    rows, columns = file.metadata.num_rows, file.metadata.num_columns
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise ValueError(f"it states {rows:,} rows and {columns:,} columns")


def read_keys(path: Path) -> list[str]:
    """Return the distinct keys of the rows of a file, in order.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            _check_size(file)
            about = json.loads((file.schema_arrow.metadata or {}).get(METADATA, b"{}"))
            if "key" in about.get("constant", {}):
                return [about["constant"]["key"]]
            return sorted(file.read(columns=["key"], use_threads=False)["key"].unique().to_pylist())
    except (*UNREADABLE, pa.ArrowException) as error:
        raise unreadable(path, error) from None


def joined(tables: Iterable["pa.Table"]) -> "pa.Table":
    """Return one table in one piece; columns that a table lacks are null.

    Raises
    ------
    StoreError
        If a column has texts in one table and numbers in another, or the like.
    """
    import pyarrow as pa

    parts = [_nulls_untyped(table) for table in tables]
    try:
        return pa.concat_tables(parts, promote_options="permissive").unify_dictionaries().combine_chunks()
    except pa.ArrowException as error:
        raise StoreError(f"Files of results do not fit together: {sentence(error)}") from None


def plain_texts(table: "pa.Table", order: Sequence[str]) -> "pa.Table":
    """Return the table sorted by columns of texts or numbers, so that the same rows give the same bytes.

    Columns of long texts stay dictionary-encoded, each with the texts that it has in order: written out they would take
    gigabytes. Other texts are written out.
    """
    import pyarrow as pa
    from pyarrow import compute

    columns = {name: _plain(table[name], shared=name in SHARED) for name in table.column_names}
    plain = pa.table(columns).replace_schema_metadata()
    by = [(name, "ascending") for name in order if name in columns]
    return plain.take(compute.sort_indices(plain.select([name for name, _ in by]), sort_keys=by))


def _plain(column: "pa.ChunkedArray", *, shared: bool) -> "pa.ChunkedArray | pa.Array":
    import pyarrow as pa
    from pyarrow import compute

    if shared and not pa.types.is_null(column.type):
        texts = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        whole = texts.unify_dictionaries().combine_chunks()
        names = whole.dictionary.cast(pa.string())
        used = names.take(whole.indices.unique().drop_null())
        used = used.take(compute.sort_indices(used))
        place = compute.index_in(names, used).cast(pa.int32())
        return pa.DictionaryArray.from_arrays(place.take(whole.indices), used)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.string()) if pa.types.is_large_string(column.type) else column


def unreadable(path: Path, error: Exception) -> StoreError:
    """Return the error for a file that cannot be read."""
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, Unknown):
        return StoreError(f"The results file {path} cannot be read: {reason}; update usbench.")
    return StoreError(f"The results file {path} cannot be read ({reason}); delete it and run again.")


def is_damaged(path: Path) -> bool:
    """Return whether a file is not as it was written.

    Raises
    ------
    StoreError
        If it cannot be read at all, or a later version of usbench wrote it.
    """
    try:
        check(path.read_bytes())
    except (FileNotFoundError, IsADirectoryError):
        return False
    except Damaged:
        return True
    except (OSError, Unknown) as error:
        raise unreadable(path, error) from None
    return False


def _constant(column: "pa.ChunkedArray") -> list[Any] | None:
    """Return the one value of a column of texts or whole numbers in a list; None if it has several, or none."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not len(column) or not (pa.types.is_string(kind) or pa.types.is_integer(kind)):
        return None
    values = column.unique()
    return values.to_pylist() if len(values) == 1 else None


def _restored(table: "pa.Table", columns: Sequence[str], about: Mapping[str, Any]) -> "pa.Table":
    import pyarrow as pa

    rows, constant = len(table), about.get("constant", {})
    arrays = []
    for name in columns:
        if name in constant:
            array: Any = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), [constant[name]])
            arrays.append(array if name in SHARED else array.cast(array.type.value_type))
        else:
            array = table[name]
            arrays.append(array.dictionary_encode() if name in SHARED and pa.types.is_string(array.type) else array)
    return pa.table(dict(zip(columns, arrays, strict=True)))


def _nulls_untyped(table: "pa.Table") -> "pa.Table":
    """Return the table with columns of nothing but nulls without a type: other files may have texts there."""
    import pyarrow as pa

    for place, name in enumerate(table.column_names):
        if table[name].null_count == len(table):
            table = table.set_column(place, name, pa.nulls(len(table)))
    return table
