"""Which method of the rows a name means."""

import pandas as pd
import pytest

from usbench.board.rows import method_label
from usbench.core.errors import UsageError


def rows_of(tmp_path, *labels: str) -> tuple[pd.DataFrame, str]:
    file = str((tmp_path / "mine.py").resolve())
    return pd.DataFrame({"method": labels, "origin": file}), file


def test_a_file_with_two_settings_is_the_one_with_its_defaults(tmp_path):
    rows, file = rows_of(tmp_path, "mine[size=11]", "mine")
    assert method_label(rows, file) == "mine"


def test_a_file_with_two_settings_and_no_defaults_names_both(tmp_path):
    rows, file = rows_of(tmp_path, "mine[size=11]", "mine[size=9]")
    with pytest.raises(UsageError, match=r"2 settings of .*; name one: mine\[size=11\], mine\[size=9\]"):
        method_label(rows, file)
