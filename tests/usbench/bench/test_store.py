"""What was written is read, whatever other units hold."""

import os
import time

import numpy as np
import pandas as pd
import pytest

from usbench.bench.rows_file import SHARED
from usbench.bench.store import Store
from usbench.core.errors import StoreError


def flip_in_the_middle(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def test_units_with_other_columns_and_empty_ones_are_read_as_one_frame(tmp_path):
    store = Store(tmp_path)
    store.write("a", [{"sample": "s1", "specs": "x", "psnr": 1.0, "cnr": None}], ["sample", "specs", "psnr", "cnr"])
    store.write("b", [{"sample": None, "specs": "x", "ssim": 2.0}], ["sample", "specs", "ssim"])
    frame = store.read()
    assert frame["key"].tolist() == ["a", "b"]
    assert frame["sample"].isna().tolist() == [False, True]
    assert frame["sample"][0] == "s1"
    np.testing.assert_array_equal(frame["psnr"], [1.0, np.nan])
    np.testing.assert_array_equal(frame["ssim"], [np.nan, 2.0])
    assert frame["cnr"].dtype == float
    assert frame["specs"].tolist() == ["x", "x"]


def test_long_texts_of_many_rows_are_kept_once(tmp_path):
    store = Store(tmp_path)
    for key in "ab":
        store.write(key, [dict.fromkeys(SHARED, "x" * 3000)] * 500, list(SHARED))
    assert store.read().memory_usage(deep=True).sum() < 100_000


def filled(folder, keys="abc"):
    store = Store(folder)
    for number, key in enumerate(keys):
        store.write(key, [{"sample": key, "psnr": float(number)}], ["sample", "psnr"])
    return store


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[: len(b) // 2], lambda b: b"", flip_in_the_middle])
def test_a_damaged_file_is_noticed_and_set_aside(damage, tmp_path):
    store = filled(tmp_path)
    path = tmp_path / "units" / "b.parquet"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(StoreError, match=r"b\.parquet cannot be read \(.*\); delete it and run again"):
        store.read()
    assert store.set_aside_damaged("units", ["a", "c", "0"]) == []
    assert store.set_aside_damaged() == [tmp_path / "damaged" / "units" / "b.parquet"]
    assert not store.has("b")
    assert store.read()["sample"].tolist() == ["a", "c"]
    assert store.set_aside_damaged() == []


def test_a_file_of_a_later_usbench_is_refused_and_stays(tmp_path):
    store = filled(tmp_path)
    path = tmp_path / "units" / "b.parquet"
    before, behind = path.read_bytes().split(b"usbench rows 2\n")
    path.write_bytes(before + b"usbench rows 9\n" + bytes(32) + behind[32:])  # it hashes in another way
    for use in (store.set_aside_damaged, store.read):
        with pytest.raises(StoreError, match="its rows are of format 9, of a later usbench; update usbench"):
            use()
    assert path.is_file()


def test_what_killed_processes_left_is_removed_an_hour_later_and_never_read(tmp_path):
    store = filled(tmp_path)
    old, new = tmp_path / "units" / "old.partial", tmp_path / "units" / "new.partial"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 2 * 3600,) * 2)
    store.check_writable()
    assert not old.exists()
    assert new.exists()
    assert store.keys() == ["a", "b", "c"]


def test_files_can_be_read_by_whom_the_user_lets(tmp_path):
    before = os.umask(0o027)
    try:
        filled(tmp_path)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "units").iterdir()} == {0o640}


def frame_of(store):
    return store.read().astype({"key": str})


def test_packing_keeps_every_row_and_value(tmp_path):
    loose, packed = filled(tmp_path / "loose", "abcdef"), filled(tmp_path / "packed", "abcdef")
    packed.pack(least=7)
    assert len(list((tmp_path / "packed" / "units").glob("*.parquet"))) == 6
    packed.pack(least=6)
    assert not list((tmp_path / "packed" / "units").glob("*.parquet"))
    pd.testing.assert_frame_equal(frame_of(packed), frame_of(loose))
    assert packed.keys() == loose.keys() == list("abcdef")
    assert packed.has("c")
    assert not packed.has("0a")
    packed.write("0a", [{"sample": "0a", "psnr": 6.0}], ["sample", "psnr"])
    packed.write("b2", [{"sample": "b2", "psnr": 6.0}], ["sample", "psnr"])
    packed.pack(least=1)
    assert packed.keys() == ["0a", *"ab", "b2", *"cdef"]
    assert packed.read(["b2", "c", "0a"])["sample"].tolist() == ["b2", "c", "0a"]


def test_packed_rows_are_dropped_one_key_at_a_time(tmp_path):
    store = filled(tmp_path)
    store.pack(least=1)
    store.drop(["b"])
    assert store.keys() == ["a", "c"]
    assert store.read()["sample"].tolist() == ["a", "c"]
    store.drop(["a", "c"])
    assert store.keys() == []


def test_a_damaged_pack_is_set_aside_and_its_keys_are_missing(tmp_path):
    store = filled(tmp_path)
    store.pack(least=1)
    (pack,) = (tmp_path / "units" / "packed").glob("*.parquet")
    pack.write_bytes(flip_in_the_middle(pack.read_bytes()))
    with pytest.raises(StoreError, match="cannot be read"):
        store.read()
    assert store.set_aside_damaged(keys=["a"]) == [tmp_path / "damaged" / "units" / "packed" / pack.name]
    assert not store.has("a")
    assert store.read().empty


def test_a_reader_sees_every_row_while_another_process_packs(tmp_path):
    store = filled(tmp_path, "abc")
    other = Store(tmp_path)
    assert other.keys() == ["a", "b", "c"]
    store.pack(least=1)
    assert other.keys() == ["a", "b", "c"]
    assert other.read()["sample"].tolist() == ["a", "b", "c"]


def test_rows_are_added_once(tmp_path):
    one, two = filled(tmp_path / "one", "abc"), filled(tmp_path / "two", "cd")
    assert two.add(one.read()) == 2
    assert two.add(one.read()) == 0
    assert two.read()["sample"].tolist() == ["a", "b", "c", "d"]


@pytest.mark.parametrize("key", ["../../etc/x", "/tmp/x", "a/b", "", "a" * 65, "a\0", "é", "con", "A"])
def test_what_is_not_a_key_never_becomes_a_path(key, tmp_path):
    store = Store(tmp_path / "results")
    rows = pd.DataFrame({"sample": ["s"], "key": [key]})
    with pytest.raises(StoreError, match="is not a key of results"):
        store.add(rows)
    with pytest.raises(StoreError, match="is not a key of results"):
        store.write(key, [{"sample": "s"}], ["sample"])
    assert not list(tmp_path.iterdir())


def test_the_same_rows_are_the_same_bytes(tmp_path):
    contents = set()
    for folder, keys in (("one", "abc"), ("two", "cab")):
        store = filled(tmp_path / folder, "abc")
        rows = store.read(list(keys))
        other = Store(tmp_path / f"{folder}-copy")
        other.add(rows)
        (pack,) = (tmp_path / f"{folder}-copy" / "units" / "packed").glob("*.parquet")
        contents.add(pack.read_bytes())
    assert len(contents) == 1
