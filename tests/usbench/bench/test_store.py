"""What was written is read, whatever other units hold."""

import numpy as np

from usbench.bench.store import SHARED, Store


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
