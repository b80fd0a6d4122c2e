"""Sums over patches, for the filters that compare patches."""

import numpy as np

from usbench.runtime.numba_loops import loop

from .arithmetic import ZERO

SIDE = 7  # side of a patch in pixels; set with `given`, so that the compiler unrolls the sums


@loop
def patch_sums(block: np.ndarray, columns: np.ndarray, target: np.ndarray) -> None:
    """Write the sums over the patches around the pixels of a row: down the columns, then along the row.

    Parameters
    ----------
    block
        (SIDE, lateral + SIDE - 1), float32: the summands.
    columns
        (lateral + SIDE - 1,), float32, to be overwritten.
    target
        (lateral,), float32, to be overwritten.
    """
    for column in range(columns.size):
        total = ZERO
        for row in range(SIDE):
            total += block[row, column]
        columns[column] = total
    row_sums(columns, target)


@loop
def row_sums(line: np.ndarray, target: np.ndarray) -> None:
    """Write the sums over SIDE neighbours; `line` is SIDE - 1 longer than `target`."""
    for column in range(target.size):
        total = ZERO
        for shift in range(SIDE):
            total += line[column + shift]
        target[column] = total
