"""Tiles that stay in a core's L2 cache while several explicit steps are taken on them.

A scheme that reads the whole image for each step is limited by memory bandwidth once the image exceeds the caches. Here
a tile is cut out with a margin, advanced by up to `TURNS` steps, and copied back. Errors at its cut edges move inwards
by the stencil's reach per step, and the margin is wide enough that the inner pixels are the same as without tiles.

A tile is one flat array with a fixed distance between its lines, so that the compiler knows that two lines never
overlap and vectorises the loops.
"""

import numpy as np

from usbench.runtime.numba_loops import loop

from .arithmetic import FLOATS, aligned

WIDE, TALLEST, SHORTEST = 512, 256, 64  # pixels of a tile without its margins
TURNS = 16  # steps between copies
LINE = 592  # float32 from one line to the next: room for WIDE, margins of TURNS and 2 TURNS, and two edges
FIRST = FLOATS  # float32 before a line's first pixel, which is thus aligned to a vector


def tile_height(frames: int, height: int) -> int:
    """Return the number of rows of a tile: one tile for every thread, but no tile with more margin than content."""
    import numba

    wanted = -(-numba.get_num_threads() // frames)
    tiles = max(-(-height // TALLEST), min(wanted, -(-height // SHORTEST)))
    return -(-height // tiles)


@loop
def cut(start: int, extent: int, length: int, before: int, after: int) -> tuple[int, int, int]:
    """Return the end of a tile along an axis, and its start and end with margins."""
    stop = min(start + length, extent)
    return stop, max(start - before, 0), min(stop + after, extent)


@loop
def lines_for(count: int) -> np.ndarray:
    """Return an uninitialised flat array for `count` lines, aligned to a vector."""
    return aligned(count * LINE)


@loop
def fill(flat: np.ndarray, line: int, apart: int, part: np.ndarray) -> None:
    """Copy rows of an image to every `apart`-th line, starting at `line`."""
    for row in range(part.shape[0]):
        target = flat[(line + row * apart) * LINE + FIRST :]
        for column in range(part.shape[1]):
            target[column] = part[row, column]


@loop
def put_back(flat: np.ndarray, line: int, apart: int, begin: int, part: np.ndarray) -> None:
    """Copy every `apart`-th line, starting at `line` and at its pixel `begin`, to rows of an image."""
    for row in range(part.shape[0]):
        source = flat[(line + row * apart) * LINE + FIRST + begin :]
        for column in range(part.shape[1]):
            part[row, column] = source[column]


@loop
def repeat_edges(flat: np.ndarray, line: int, rows: int, columns: int) -> None:
    """Repeat the outermost pixels of the `rows` lines from `line` on: once left, right and above, twice below."""
    for row in range(rows):
        pixels = flat[(line + row) * LINE + FIRST - 1 :]
        pixels[0], pixels[columns + 1] = pixels[1], pixels[columns]
    for target, source in ((line - 1, line), (line + rows, line + rows - 1), (line + rows + 1, line + rows - 1)):
        origin, copy = flat[source * LINE + FIRST - 1 :], flat[target * LINE + FIRST - 1 :]
        for column in range(columns + 2):
            copy[column] = origin[column]
