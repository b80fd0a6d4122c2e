"""Medians of 3 x 3 and 5 x 5 pixels by sorting networks, which stay in registers and vectorise.

Columns are sorted first, once for all windows that contain them. The median of nine pixels is the median of the
greatest minimum, the median of the medians, and the least maximum. With the rows of twenty-five pixels sorted as well,
six pixels are too low and six too high to be the median, whatever the others are. Among the other thirteen it is found
by repeatedly removing the least and the greatest.
"""

import numpy as np

from usbench.runtime.numba_loops import loop

from .arithmetic import first_column, mirror, mirror_ends

F = np.float32


@loop
def sort3(a: F, b: F, c: F) -> tuple[F, ...]:
    """Return three numbers in order."""
    a, b = min(a, b), max(a, b)
    b, c = min(b, c), max(b, c)
    a, b = min(a, b), max(a, b)
    return a, b, c


@loop
def sort5(a: F, b: F, c: F, d: F, e: F) -> tuple[F, ...]:
    """Return five numbers in order."""
    a, b = min(a, b), max(a, b)
    d, e = min(d, e), max(d, e)
    c, e = min(c, e), max(c, e)
    c, d = min(c, d), max(c, d)
    b, e = min(b, e), max(b, e)
    a, d = min(a, d), max(a, d)
    a, c = min(a, c), max(a, c)
    b, d = min(b, d), max(b, d)
    b, c = min(b, c), max(b, c)
    return a, b, c, d, e


@loop
def median3(a: F, b: F, c: F) -> F:
    """Return the middle one of three."""
    return max(min(a, b), min(max(a, b), c))


@loop
def without_ends4(a: F, b: F, c: F, d: F) -> tuple[F, F]:
    """Return four numbers without the least and the greatest."""
    a, b = min(a, b), max(a, b)
    c, d = min(c, d), max(c, d)
    return max(a, c), min(b, d)


@loop
def without_ends5(a: F, b: F, c: F, d: F, e: F) -> tuple[F, ...]:
    """Return five numbers without the least and the greatest."""
    a, b = min(a, b), max(a, b)
    c, d = min(c, d), max(c, d)
    a, c = min(a, c), max(a, c)
    b, d = min(b, d), max(b, d)
    return b, c, max(a, min(d, e))


@loop
def without_ends6(a: F, b: F, c: F, d: F, e: F, f: F) -> tuple[F, ...]:
    """Return six numbers without the least and the greatest."""
    a, b = min(a, b), max(a, b)
    c, d = min(c, d), max(c, d)
    e, f = min(e, f), max(e, f)
    a, c = min(a, c), max(a, c)
    b, d = min(b, d), max(b, d)
    return c, b, max(a, e), min(d, f)


@loop
def without_ends7(a: F, b: F, c: F, d: F, e: F, f: F, g: F) -> tuple[F, ...]:
    """Return seven numbers without the least and the greatest."""
    a, b = min(a, b), max(a, b)
    c, d = min(c, d), max(c, d)
    e, f = min(e, f), max(e, f)
    a, c = min(a, c), max(a, c)
    b, d = min(b, d), max(b, d)
    a, e = min(a, e), max(a, e)
    d, f = min(d, f), max(d, f)
    return b, c, d, e, max(a, min(f, g))


@loop
def without_ends8(
    a: F,
    b: F,
    c: F,
    d: F,
    e: F,
    f: F,
    g: F,
    h: F,
) -> tuple[F, ...]:
    """Return eight numbers without the least and the greatest."""
    a, b = min(a, b), max(a, b)
    c, d = min(c, d), max(c, d)
    e, f = min(e, f), max(e, f)
    g, h = min(g, h), max(g, h)
    a, c = min(a, c), max(a, c)
    e, g = min(e, g), max(e, g)
    b, d = min(b, d), max(b, d)
    f, h = min(f, h), max(f, h)
    return c, g, b, f, max(a, e), min(d, h)


@loop
def median_row3(plane: np.ndarray, row: int, lines: np.ndarray, target: np.ndarray) -> None:
    """Write a row of 3 x 3 medians; `lines` are three of `scratch_lines` with a margin of one pixel."""
    height, width = plane.shape
    above, here, below = plane[mirror(row - 1, height)], plane[row], plane[mirror(row + 1, height)]
    start = first_column(1) - 1
    low, middle, high = lines[0][start:], lines[1][start:], lines[2][start:]
    for place in range(width):
        low[place + 1], middle[place + 1], high[place + 1] = sort3(above[place], here[place], below[place])
    for line in range(3):
        mirror_ends(lines[line], width, 1)
    for place in range(width):
        least = max(low[place], max(low[place + 1], low[place + 2]))
        greatest = min(high[place], min(high[place + 1], high[place + 2]))
        target[place] = median3(least, median3(middle[place], middle[place + 1], middle[place + 2]), greatest)


@loop
def median_row5(plane: np.ndarray, row: int, lines: np.ndarray, target: np.ndarray) -> None:
    """Write a row of 5 x 5 medians; `lines` are five of `scratch_lines` with a margin of two pixels."""
    height, width = plane.shape
    first, second, third = plane[mirror(row - 2, height)], plane[mirror(row - 1, height)], plane[row]
    fourth, fifth = plane[mirror(row + 1, height)], plane[mirror(row + 2, height)]
    start = first_column(2) - 2
    v, w, x, y, z = lines[0][start:], lines[1][start:], lines[2][start:], lines[3][start:], lines[4][start:]
    for j in range(width):
        v[j + 2], w[j + 2], x[j + 2], y[j + 2], z[j + 2] = sort5(first[j], second[j], third[j], fourth[j], fifth[j])
    for line in range(5):
        mirror_ends(lines[line], width, 2)
    for j in range(width):
        _, _, _, a, b = sort5(v[j], v[j + 1], v[j + 2], v[j + 3], v[j + 4])
        _, _, c, d, e = sort5(w[j], w[j + 1], w[j + 2], w[j + 3], w[j + 4])
        _, f, g, h, _ = sort5(x[j], x[j + 1], x[j + 2], x[j + 3], x[j + 4])
        i, k, m, _, _ = sort5(y[j], y[j + 1], y[j + 2], y[j + 3], y[j + 4])
        n, p, _, _, _ = sort5(z[j], z[j + 1], z[j + 2], z[j + 3], z[j + 4])
        a, b, c, d, e, f = without_ends8(a, b, c, d, e, f, g, h)
        a, b, c, d, e = without_ends7(a, b, c, d, e, f, i)
        a, b, c, d = without_ends6(a, b, c, d, e, k)
        a, b, c = without_ends5(a, b, c, d, m)
        a, b = without_ends4(a, b, c, n)
        target[j] = median3(a, b, p)
