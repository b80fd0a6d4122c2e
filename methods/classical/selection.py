"""The median of a few values, computed for many columns at once."""

import numpy as np

from usbench.runtime.numba_loops import loop

LANES = 128  # columns that are sorted in parallel; the values of a 7 x 7 window then fit the L1 cache


@loop
def select_median(values: np.ndarray, lanes: int) -> None:
    """Write the median of an odd number of values (values, lanes) into the first row; the others are overwritten.

    Forgetful selection: among slightly more than half of the values, neither the least nor the greatest can be the
    median. Both are dropped and the next value is added, until three are left. Every step is a minimum and a maximum of
    two rows, the same in all lanes.
    """
    count = values.shape[0]
    kept = (count + 3) // 2 if count > 1 else 1
    coming = kept
    while kept > 1:
        for place in range(kept // 2):
            sort_pair(values[place], values[kept - 1 - place], lanes)
        half = kept // 2
        if kept % 2 == 1:
            sort_pair(values[0], values[half], lanes)
            sort_pair(values[half], values[kept - 1], lanes)
        for place in range(1, half):
            sort_pair(values[0], values[place], lanes)
            sort_pair(values[kept - 1 - place], values[kept - 1], lanes)
        if kept == 3:
            values[0, :lanes] = values[1, :lanes]
            return
        if coming == count:
            return
        values[0, :lanes] = values[coming, :lanes]
        coming += 1
        kept -= 1


@loop
def sort_pair(low: np.ndarray, high: np.ndarray, lanes: int) -> None:
    """Write the lesser of two values to `low` and the greater to `high`, in each lane."""
    for lane in range(lanes):
        first, second = low[lane], high[lane]
        low[lane] = min(first, second)
        high[lane] = max(first, second)
