"""A sealed file reads as before, and no change of a byte goes unnoticed."""

import hashlib
import io

import pyarrow as pa
import pytest
from pyarrow import parquet

from usbench.bench.checksum import MARK, Damaged, Unknown, check, seal

TABLE = pa.table({"sample": ["a", "b", None], "psnr": [1.0, float("nan"), 3.0]})


@pytest.fixture(scope="module")
def plain() -> bytes:
    stream = io.BytesIO()
    parquet.write_table(TABLE, stream)
    return stream.getvalue()


def read(content: bytes) -> str:
    return repr(parquet.read_table(pa.BufferReader(content)).to_pydict())


def flipped(content: bytes, place: int) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 1 << place % 8
    return bytes(changed)


def test_any_reader_reads_a_sealed_file(plain, tmp_path):
    import pandas as pd

    path = tmp_path / "sealed.parquet"
    path.write_bytes(seal(plain))
    check(path.read_bytes())
    pd.testing.assert_frame_equal(pd.read_parquet(path), TABLE.to_pandas())
    assert read(path.read_bytes()) == read(plain)


def test_no_flipped_bit_goes_unnoticed(plain):
    sealed = seal(plain)
    for place in range(len(sealed)):
        with pytest.raises(Damaged):
            check(flipped(sealed, place))


def test_a_flipped_bit_goes_not_unnoticed_because_the_mark_has_one_too(plain):
    sealed = seal(plain)
    mark = sealed.index(MARK)
    for place in range(mark, mark + len(MARK)):
        for other in (5, mark - 1, mark + len(MARK) + 3, len(sealed) - 40):
            with pytest.raises((Damaged, Unknown)):
                check(flipped(flipped(sealed, place), other))


def test_every_truncation_is_noticed(plain):
    sealed = seal(plain)
    for length in range(len(sealed)):
        with pytest.raises(Damaged):
            check(sealed[:length])


def test_a_file_of_the_first_format_is_taken_as_it_is_and_one_of_a_later_refused(plain):
    check(plain)
    mark = MARK.replace(b"2", b"3")
    footer = seal(plain).index(MARK)
    later = plain[:footer] + mark + hashlib.sha256(mark + plain).digest() + plain[footer:]
    with pytest.raises(Unknown, match="format 3, of a later usbench"):
        check(later)
