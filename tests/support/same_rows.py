"""Comparing the rows of two runs."""

import pandas as pd


def assert_same_rows(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Raise AssertionError unless the rows are the same bit for bit, whatever is committed in between."""
    found, expected = (frame.drop(columns="commit") for frame in (found, expected))
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
