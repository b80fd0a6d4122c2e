"""Pixelwise non-local means, for `nlm` and the pixelwise form of `obnlm`."""

import numpy as np

from usbench.runtime.numba_loops import loop, prange

from .arithmetic import LOG2E, ONE, ZERO, power_of_two
from .patches import SIDE
from .tiles import FIRST, LINE, WIDE, fill, lines_for

STRIP = 32  # rows whose weights are summed together; even, because rows are processed in pairs
TOGETHER = 4  # displacements processed at once; without the zero displacement, their number is a multiple of 8
PEARSON = False  # set with `given`: differences are relative to the noise


@loop(parallel=True)
def non_local_mean(padded: np.ndarray, inverse: np.ndarray, reach: int, exponent: float) -> np.ndarray:
    """Return means weighted by the exponential of `exponent` times the squared distance of patches.

    A pixel itself gets the greatest weight of the others; 1, and so its own value, if they have none.

    Parameters
    ----------
    padded
        (frames, axial, lateral), float32, padded by `reach + SIDE // 2` pixels.
    inverse
        Of the same shape, float32: factors of the squared differences from each pixel; used if `PEARSON`.
    reach
        Half the search window.
    exponent
        Factor of the distance, negative.
    """
    patch = SIDE // 2
    margin = reach + patch
    frames, height, width = padded.shape[0], padded.shape[1] - 2 * margin, padded.shape[2] - 2 * margin
    result = np.empty((frames, height, width), np.float32)
    scale = np.float32(exponent) * LOG2E
    wide = min(WIDE, LINE - FIRST - 2 * margin)
    down, across = (height + STRIP - 1) // STRIP, (width + wide - 1) // wide
    for task in prange(frames * down * across):
        frame, top, left = task // (down * across), task // across % down * STRIP, task % across * wide
        rows, columns = min(STRIP, height - top), min(wide, width - left)
        tall, broad = rows + 2 * margin, columns + 2 * margin
        plane = lines_of(padded[frame, top : top + tall, left : left + broad])
        noise = lines_of(inverse[frame, top : top + tall, left : left + broad]) if PEARSON else plane
        sums = weigh(plane, noise, rows, columns, reach, scale)
        for row in range(rows):
            own, parts = plane[(margin + row) * LINE + FIRST + margin :], sums[3 * row * LINE :]
            for column in range(columns):
                weight = parts[column + 2 * LINE] if parts[column + 2 * LINE] > ZERO else ONE
                total = parts[column] + weight * own[column]
                result[frame, top + row, left + column] = total / (parts[column + LINE] + weight)
    return result


@loop
def lines_of(part: np.ndarray) -> np.ndarray:
    """Return the lines of a tile, and a line of zeros that makes an odd number of rows even."""
    flat = lines_for(part.shape[0] + 1)
    fill(flat, 0, 1, part)
    flat[part.shape[0] * LINE :] = ZERO
    return flat


@loop
def weigh(plane: np.ndarray, noise: np.ndarray, rows: int, columns: int, reach: int, scale: np.float32) -> np.ndarray:
    """Return three lines for each row of a tile: the weighted sums, the sums of weights, and the greatest weights."""
    patch, count = SIDE // 2, 2 * reach + 1
    sums = lines_for(3 * (rows + 1))
    sums[:] = ZERO
    each = (STRIP + SIDE + 1) * LINE  # squared differences of one displacement
    squares, over_columns = lines_for(TOGETHER * (STRIP + SIDE + 1)), lines_for(2 * TOGETHER)
    begin = reach * LINE + FIRST + reach
    offsets = np.empty(TOGETHER, np.int64)
    for first in range(0, count * count - 1, TOGETHER):
        for number in range(TOGETHER):
            displacement = first + number + (first + number >= count * count // 2)
            offset = (displacement // count - reach) * LINE + displacement % count - reach
            offsets[number] = offset
            start(plane[begin:], plane[begin + offset :], noise[begin + offset :], squares[number * each :], columns)
        for row in range(0, rows, 2):
            at = begin + (row + 2 * patch) * LINE
            for number in range(TOGETHER):
                near, far, weights = plane[at:], plane[at + offsets[number] :], noise[at + offsets[number] :]
                before, target = squares[number * each + row * LINE :], over_columns[2 * number * LINE :]
                down_columns(near, far, weights, before, target, columns + 2 * patch)
            for below in range(2):
                at = begin + (row + below + patch) * LINE + patch
                a, b = plane[at + offsets[0] :], plane[at + offsets[1] :]
                c, d = plane[at + offsets[2] :], plane[at + offsets[3] :]
                add(over_columns[below * LINE :], a, b, c, d, sums[3 * (row + below) * LINE :], columns, scale)
    return sums


@loop
def squared(near: np.float32, far: np.float32, noise: np.float32) -> np.float32:
    """Return the squared difference of two pixels, relative to the noise at the displaced one if `PEARSON`."""
    difference = near - far
    return difference * difference * noise if PEARSON else difference * difference


@loop
def start(near: np.ndarray, far: np.ndarray, noise: np.ndarray, squares: np.ndarray, columns: int) -> None:
    """Write the squared differences of the rows of the first patches, except the last row."""
    for row in range(SIDE - 1):
        for column in range(columns + SIDE - 1):
            at = column + row * LINE
            squares[at] = squared(near[at], far[at], noise[at])


@loop
def down_columns(
    near: np.ndarray, far: np.ndarray, noise: np.ndarray, squares: np.ndarray, target: np.ndarray, extent: int
) -> None:
    """Write the sums down the columns over SIDE squared differences, for two rows that share all but one of them.

    `squares` holds all but the last. That one and the next are written there for the following rows.
    """
    for column in range(extent):
        first = squared(near[column], far[column], noise[column])
        second = squared(near[column + LINE], far[column + LINE], noise[column + LINE])
        shared = first if SIDE > 1 else ZERO
        for row in range(1, SIDE - 1):
            shared += squares[column + row * LINE]
        target[column] = shared + (squares[column] if SIDE > 1 else first)
        target[column + LINE] = shared + second
        squares[column + (SIDE - 1) * LINE], squares[column + SIDE * LINE] = first, second


@loop
def add(
    over_columns: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    c: np.ndarray,
    d: np.ndarray,
    sums: np.ndarray,
    columns: int,
    scale: np.float32,
) -> None:
    """Add the weighted pixels of four displacements to a row's sums; their column sums are in every second line."""
    for column in range(columns):
        of_a = of_b = of_c = of_d = ZERO
        for shift in range(SIDE):
            of_a += over_columns[column + shift]
            of_b += over_columns[column + shift + 2 * LINE]
            of_c += over_columns[column + shift + 4 * LINE]
            of_d += over_columns[column + shift + 6 * LINE]
        of_a, of_b = power_of_two(scale * of_a), power_of_two(scale * of_b)
        of_c, of_d = power_of_two(scale * of_c), power_of_two(scale * of_d)
        sums[column] += (of_a * a[column] + of_b * b[column]) + (of_c * c[column] + of_d * d[column])
        sums[column + LINE] += (of_a + of_b) + (of_c + of_d)
        sums[column + 2 * LINE] = max(sums[column + 2 * LINE], max(max(of_a, of_b), max(of_c, of_d)))
