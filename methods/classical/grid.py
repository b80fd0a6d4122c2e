"""A grid with one repeated pixel at either end of each row, which the diffusion filters share."""

import numpy as np

from usbench.runtime.numba_loops import loop, prange


@loop(parallel=True)
def with_edges(stack: np.ndarray, lowest: np.float32) -> np.ndarray:
    """Return the stack, at least `lowest`, with each row's first and last pixel repeated: (frames, axial, lateral + 2).

    Rows need no copies: beyond the first and last, the loops use the row itself. Differences across the border are then
    zero, so there is no flow.
    """
    frames, height, width = stack.shape
    result = np.empty((frames, height, width + 2), np.float32)
    for task in prange(frames * height):
        source, target = stack[task // height, task % height], result[task // height, task % height]
        for column in range(width):
            target[column + 1] = max(source[column], lowest)
        repeat_ends(target)
    return result


@loop
def repeat_ends(row: np.ndarray) -> None:
    """Repeat the first and last pixel of a row of such a grid."""
    row[0] = row[1]
    row[row.size - 1] = row[row.size - 2]
