"""Exact Euclidean distances to a region."""

import numpy as np

from usbench.runtime.numba_loops import loop


def squared_distances(region: np.ndarray) -> np.ndarray:
    """Return the squared distance in pixels of each pixel of a mask (H, W) from the nearest one that is set.

    Infinite everywhere if none is set.

    References
    ----------
    Felzenszwalb, Huttenlocher, "Distance transforms of sampled functions", Theory of Computing 8:415-428, 2012.
    """
    return lower_envelopes(nearest_in_columns(region))


@loop
def nearest_in_columns(region: np.ndarray) -> np.ndarray:
    """Return the squared distance of each pixel from the nearest set one of its column."""
    height, width = region.shape
    distances = np.full((height, width), np.inf)
    for row in range(height):
        for column in range(width):
            if region[row, column]:
                distances[row, column] = 0.0
            elif row:
                distances[row, column] = distances[row - 1, column] + 1.0
    for row in range(height - 2, -1, -1):
        for column in range(width):
            distances[row, column] = min(distances[row, column], distances[row + 1, column] + 1.0)
    return distances * distances


@loop
def lower_envelopes(squares: np.ndarray) -> np.ndarray:
    """Return, along each row, the least of the parabolas that stand at its pixels with the given heights."""
    height, width = squares.shape
    result = np.empty((height, width))
    at, until = np.empty(width, np.int64), np.empty(width + 1)
    for row in range(height):
        line, last = squares[row], -1
        for column in range(width):
            if line[column] == np.inf:
                continue
            begin = -np.inf
            while last >= 0:
                before = at[last]
                rise = line[column] + column * column - line[before] - before * before
                begin = rise / (2.0 * (column - before))
                if begin > until[last]:
                    break
                last -= 1
            last += 1
            at[last], until[last] = column, begin if last else -np.inf
        if last < 0:
            result[row] = np.inf
            continue
        until[last + 1] = np.inf
        part = 0
        for column in range(width):
            while until[part + 1] < column:
                part += 1
            result[row, column] = line[at[part]] + (column - at[part]) ** 2
    return result
