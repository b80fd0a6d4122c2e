"""Groups of similar patches for the low-rank filters: matching, extraction as matrices, shrinkage, aggregation."""

import numpy as np

from usbench.runtime.numba_loops import loop, prange


def key_places(extent: int, patch: int, step: int) -> np.ndarray:
    """Return the start positions of key patches along an axis: every `step` pixels, and the last that fits."""
    last = extent - patch
    return np.append(np.arange(0, last, step), last)


@loop(parallel=True, exact=True)
def match(image: np.ndarray, rows: np.ndarray, columns: np.ndarray, patch: int, reach: int, count: int) -> np.ndarray:
    """Return the start (row, column) of the patches nearest to each key patch, nearest first: (keys, count, 2).

    The distance is the sum of squared differences. Candidates are all patches in the image that start within `reach`
    pixels of the key's start. The key itself comes first, and ties are resolved in reading order. The search window
    must contain `count` patches; patches with NaN are replaced by the key.
    """
    height, width = image.shape
    found = np.empty((rows.size * columns.size, count, 2), np.int64)
    for key in prange(rows.size * columns.size):
        top, left = rows[key // columns.size], columns[key % columns.size]
        best = np.empty(count)
        best[:] = np.inf
        found[key, :, 0], found[key, :, 1] = top, left
        for row in range(max(top - reach, 0), min(top + reach, height - patch) + 1):
            for column in range(max(left - reach, 0), min(left + reach, width - patch) + 1):
                distance = 0.0
                for i in range(patch):
                    for j in range(patch):
                        difference = image[top + i, left + j] - image[row + i, column + j]
                        distance += difference * difference
                if row == top and column == left:
                    distance = -1.0
                if not distance < best[count - 1]:  # true for NaN, so such a patch is never a neighbour
                    continue
                place = count - 1
                while place > 0 and best[place - 1] > distance:
                    best[place] = best[place - 1]
                    found[key, place, 0], found[key, place, 1] = found[key, place - 1, 0], found[key, place - 1, 1]
                    place -= 1
                best[place] = distance
                found[key, place, 0], found[key, place, 1] = row, column
    return found


@loop
def take(image: np.ndarray, found: np.ndarray, patch: int) -> np.ndarray:
    """Return the groups (keys, patch * patch, count), with one patch per column."""
    keys, count, _ = found.shape
    groups = np.empty((keys, patch * patch, count), image.dtype)
    for key in range(keys):
        for number in range(count):
            for i in range(patch):
                for j in range(patch):
                    groups[key, i * patch + j, number] = image[found[key, number, 0] + i, found[key, number, 1] + j]
    return groups


@loop(parallel=False, exact=True)
def put_back(groups: np.ndarray, found: np.ndarray, patch: int, height: int, width: int) -> np.ndarray:
    """Return the image in which each pixel is the mean over all patches of all groups that contain it."""
    total, held = np.zeros((height, width)), np.zeros((height, width))
    keys, count, _ = found.shape
    for key in range(keys):
        for number in range(count):
            for i in range(patch):
                for j in range(patch):
                    row, column = found[key, number, 0] + i, found[key, number, 1] + j
                    total[row, column] += groups[key, i * patch + j, number]
                    held[row, column] += 1
    return total / held


def shrink(groups: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    r"""Return low-rank groups: each singular value :math:`s` becomes the fixed point of :math:`s - C / s`.

    That is :math:`(s + \sqrt{s^2 - 4 C}) / 2`, or 0 where :math:`s^2 < 4 C`, with `penalty` (groups, 1) for :math:`C`:
    weighted nuclear norm minimisation with weights inverse to the singular values of the result. Singular vectors and
    squared values are computed from the groups' Gram matrices, which are smaller.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):  # the matrices are too small for several threads
        return _shrink(groups, penalty)


def _shrink(groups: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    squares, vectors = np.linalg.eigh(groups @ groups.swapaxes(1, 2))
    factor = np.zeros_like(squares)
    kept = squares > 4 * penalty
    ratio = np.broadcast_to(4 * penalty, squares.shape)[kept] / squares[kept]
    factor[kept] = (1 + np.sqrt(1 - ratio)) / 2
    return (vectors * factor[:, None]) @ (vectors.swapaxes(1, 2) @ groups)


def in_window(count: int, reach: int) -> int:
    """Return the group size, limited to the number of patches in the smallest search window, that of a corner."""
    return min(count, (reach + 1) ** 2)


def padded_for(image: np.ndarray, patch: int, reach: int) -> np.ndarray:
    """Return the image as float64, padded by mirroring so that it contains the search window of a corner."""
    least = patch + reach
    margins = [(0, max(0, least - extent)) for extent in image.shape]
    return np.pad(image.astype(np.float64), margins, mode="symmetric")
