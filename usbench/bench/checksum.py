"""A checksum inside a Parquet file.

Parquet is read from its end: the last eight bytes tell where the footer begins, and the footer tells where the columns
are. What lies between columns and footer is nobody's, so a seal fits in there: a mark with the version of the format,
and the SHA-256 of all other bytes. Any Parquet reader reads a sealed file. The mark may be what is damaged: a file is
taken for one without a seal only if nothing like a mark stands there. A later format has to hash in another way.
"""

import hashlib

MAGIC = b"PAR1"
MARK = b"usbench rows 2\n"
ANY_MARK = MARK[:-2]  # of whatever version
SEAL_BYTES = len(MARK) + hashlib.sha256().digest_size
MOST_FLIPPED = 16  # bits of a mark's 120 that may be others; other text differs from it in some 40


class Damaged(ValueError):
    """The bytes are not those that were sealed."""


class Unknown(ValueError):
    """The file is of a later format than this code knows."""


def seal(parquet: bytes) -> bytes:
    """Return the bytes of a Parquet file with a seal in them."""
    footer = _footer(parquet)
    return parquet[:footer] + MARK + hashlib.sha256(parquet).digest() + parquet[footer:]


def check(sealed: bytes) -> None:
    """Do nothing if the bytes are as they were sealed, or were never: files of the first format have no seal.

    Raises
    ------
    Damaged
        If a bit is another, or bytes are missing.
    Unknown
        If a later version of usbench sealed the file.
    """
    footer = _footer(sealed)
    begin = max(0, footer - SEAL_BYTES)
    mark = sealed[begin : begin + len(MARK)]
    if not _resembles_a_mark(mark):
        if ANY_MARK in sealed:
            raise Damaged("its seal is not before its footer")
        return
    rest = hashlib.sha256(sealed[:begin])
    rest.update(sealed[footer:])
    intact = rest.digest() == sealed[begin + len(MARK) : footer]
    if mark == MARK:
        if not intact:
            raise Damaged("its checksum is not that of its content")
    elif not intact and mark.startswith(ANY_MARK) and mark.endswith(b"\n"):
        raise Unknown(f"its rows are of format {mark[len(ANY_MARK) : -1].decode(errors='replace')}, of a later usbench")
    else:
        raise Damaged("the mark of its seal is another")


def _resembles_a_mark(found: bytes) -> bool:
    """Return whether the bytes are a mark, or one in which a few bits are others."""
    return (int.from_bytes(found, "big") ^ int.from_bytes(MARK, "big")).bit_count() <= MOST_FLIPPED


def _footer(parquet: bytes) -> int:
    """Return where the footer begins."""
    begin = len(parquet) - 8 - int.from_bytes(parquet[-8:-4], "little")
    if len(parquet) < 12 or not parquet.startswith(MAGIC) or not parquet.endswith(MAGIC) or begin < len(MAGIC):
        raise Damaged("it is not a whole Parquet file")
    return begin
