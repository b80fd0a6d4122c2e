"""Mean and variance of the window around each pixel: what the filters of local statistics share."""

import numpy as np

from .loops import ZERO, loop, mirror


@loop
def window_moments(plane, row, reach, scratch, mean, variance):
    """Write mean and variance of the square window around each pixel of a row, borders mirrored.

    Sums go down the columns first, then along the row, each afresh: nothing drifts, and a row's values depend on no
    other call. The plane's first pixel is subtracted so that little is lost in the difference of squares.

    Parameters
    ----------
    plane
        (axial, lateral), float32.
    row, reach
        The row, and the pixels that the window goes to either side.
    scratch
        (2, lateral + 2 reach), float32, to be overwritten.
    mean, variance
        (lateral,), float32, to be overwritten.
    """
    height, width = plane.shape
    offset = plane[0, 0]
    sums, squares = scratch[0, reach : reach + width], scratch[1, reach : reach + width]
    middle = plane[row]
    for column in range(width):
        value = middle[column] - offset
        sums[column] = value
        squares[column] = value * value
    for shift in range(1, reach + 1):  # two rows at a time: the sums are read and written half as often
        above, below = plane[mirror(row - shift, height)], plane[mirror(row + shift, height)]
        for column in range(width):
            first, second = above[column] - offset, below[column] - offset
            sums[column] += first + second
            squares[column] += first * first + second * second
    for column in range(reach):
        left, right = mirror(column - reach, width), mirror(width + column, width)
        for moment in range(2):
            scratch[moment, column] = scratch[moment, reach + left]
            scratch[moment, reach + width + column] = scratch[moment, reach + right]
    mean[:] = sums
    variance[:] = squares
    for shift in range(1, reach + 1):
        west, east = scratch[0, reach - shift :], scratch[0, reach + shift :]
        west_squares, east_squares = scratch[1, reach - shift :], scratch[1, reach + shift :]
        for column in range(width):
            mean[column] += west[column] + east[column]
            variance[column] += west_squares[column] + east_squares[column]
    side = 2 * reach + 1
    share = np.float32(1 / (side * side))
    for column in range(width):
        centred = mean[column] * share
        variance[column] = max(variance[column] * share - centred * centred, ZERO)
        mean[column] = centred + offset
