"""Constants and small functions in float32 for the loops of the filters."""

import numpy as np

from usbench.runtime.numba_loops import loop, prange

STRIP = 16  # rows that a thread processes at a time
VECTOR = 64  # bytes
FLOATS = VECTOR // 4

ZERO, ONE, TWO, FOUR = (np.float32(number) for number in (0, 1, 2, 4))
HALF, QUARTER = np.float32(0.5), np.float32(0.25)
TINY = np.float32(1e-30)

LOG2E = np.float32(1.4426950408889634)
SHIFT = np.int32(23)  # bits below the exponent of a float32
LOWEST = np.float32(-80) * LOG2E
# minimax polynomial of 2^f on [0, 1), highest power first; its relative error of 8e-8 is below float32's own
POWERS = tuple(
    np.float32(number)
    for number in (1.877575940e-03, 8.989341870e-03, 5.582631656e-02, 2.401536175e-01, 6.931530731e-01, 9.999999251e-01)
)


@loop
def exp32(exponent: np.float32) -> np.float32:
    """Return e to a float32 power below 88, and 0 for powers below -80; vectorises."""
    return power_of_two(exponent * LOG2E)


@loop
def power_of_two(exponent: np.float32) -> np.float32:
    """Return 2 to a float32 power below 127, and 0 where that is less than e^-80; vectorises."""
    kept = max(exponent, LOWEST)
    whole = np.int32(np.floor(kept))
    rest = kept - np.float32(whole)
    power = POWERS[0]
    power = power * rest + POWERS[1]
    power = power * rest + POWERS[2]
    power = power * rest + POWERS[3]
    power = power * rest + POWERS[4]
    power = power * rest + POWERS[5]
    bits = np.float32(power).view(np.int32) + (whole << SHIFT)
    return np.int32(bits).view(np.float32) if exponent >= LOWEST else ZERO


@loop
def mirror(index: int, extent: int) -> int:
    """Return the index in 0..extent-1 of any index on an axis that is mirrored about its edges, as often as needed."""
    period = 2 * extent
    inside = index % period
    return inside if inside < extent else period - 1 - inside


@loop(parallel=True)
def mirrored(stack: np.ndarray, margin: int) -> np.ndarray:
    """Return the stack padded by `margin` pixels on all four sides by mirroring about the edges."""
    frames, height, width = stack.shape
    result = np.empty((frames, height + 2 * margin, width + 2 * margin), stack.dtype)
    tall = height + 2 * margin
    for task in prange(frames * tall):
        source = stack[task // tall, mirror(task % tall - margin, height)]
        target = result[task // tall, task % tall]
        target[margin : margin + width] = source
        for column in range(margin):
            target[column] = source[mirror(column - margin, width)]
            target[margin + width + column] = source[mirror(width + column, width)]
    return result


@loop
def aligned(count: int) -> np.ndarray:
    """Return an uninitialised flat array of at least `count` float32, aligned to a vector."""
    flat = np.empty(count + FLOATS, np.float32)
    return flat[(VECTOR - flat.ctypes.data % VECTOR) % VECTOR // 4 :]


@loop
def scratch_lines(count: int, width: int, margin: int) -> np.ndarray:
    """Return uninitialised lines of pixels with margins on both sides, (count, >= margin + width + margin), float32.

    The first pixel after the margin is aligned to a vector in every line: loads and stores across two cache lines take
    twice as long.
    """
    first = first_column(margin)
    length = -(-(first + width + margin) // FLOATS) * FLOATS
    return aligned(count * length)[: count * length].reshape(count, length)


@loop
def first_column(margin: int) -> int:
    """Return the column of `scratch_lines` at which the first pixel after the margin is."""
    return -(-margin // FLOATS) * FLOATS


@loop
def mirror_ends(line: np.ndarray, width: int, margin: int) -> None:
    """Write `margin` pixels on both sides of the pixels of a line of `scratch_lines`, mirrored about its edges."""
    first = first_column(margin)
    for column in range(margin):
        line[first - 1 - column] = line[first + mirror(-1 - column, width)]
        line[first + width + column] = line[first + mirror(width + column, width)]


LOG2 = np.float32(0.6931471805599453)
ROOT2 = np.float32(1.4142135623730951)
MANTISSA, EXPONENT_OF_ONE = np.int32(0x7FFFFF), np.int32(0x3F800000)
# coefficients of 2 artanh s = 2 (s + s^3 / 3 + s^5 / 5 + ...)
ODD = tuple(np.float32(2 / number) for number in (7, 5, 3, 1))


@loop
def log32(value: np.float32) -> np.float32:
    """Return the natural logarithm of a positive, normal float32, within 2e-7 and the last bit; vectorises."""
    bits = np.float32(value).view(np.int32)
    whole = (bits >> SHIFT) - np.int32(127)
    rest = np.int32((bits & MANTISSA) | EXPONENT_OF_ONE).view(np.float32)
    upper = rest > ROOT2
    rest = rest * HALF if upper else rest
    exponent = np.float32(whole) + (ONE if upper else ZERO)
    slope = (rest - ONE) / (rest + ONE)
    square = slope * slope
    series = ((ODD[0] * square + ODD[1]) * square + ODD[2]) * square + ODD[3]
    return exponent * LOG2 + slope * series
