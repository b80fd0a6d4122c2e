"""Convolution with one symmetric kernel along both axes, borders mirrored."""

import numpy as np

from usbench.runtime.numba_loops import loop, prange

from .arithmetic import STRIP, first_column, mirror, mirror_ends, scratch_lines


@loop
def smooth_row(plane: np.ndarray, row: int, weights: np.ndarray, line: np.ndarray, target: np.ndarray) -> None:
    """Write one row of the plane convolved along both axes with a symmetric kernel.

    Parameters
    ----------
    plane
        (axial, lateral), float32.
    row
        Index of the row.
    weights
        (reach + 1,), float32: the kernel's middle and its right half.
    line
        One of `scratch_lines` with a margin of `reach`, to be overwritten.
    target
        (lateral,), float32, to be overwritten.
    """
    height, width = plane.shape
    reach = weights.size - 1
    first = first_column(reach)
    sums = line[first : first + width]
    middle, weight = plane[row], weights[0]
    for column in range(width):
        sums[column] = weight * middle[column]
    for shift in range(1, reach + 1):
        above, below = plane[mirror(row - shift, height)], plane[mirror(row + shift, height)]
        weight = weights[shift]
        for column in range(width):
            sums[column] += weight * (above[column] + below[column])
    mirror_ends(line, width, reach)
    weight = weights[0]
    for column in range(width):
        target[column] = weight * sums[column]
    for shift in range(1, reach + 1):
        west, east = line[first - shift :], line[first + shift :]
        weight = weights[shift]
        for column in range(width):
            target[column] += weight * (west[column] + east[column])


@loop(parallel=True)
def smooth(stack: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the stack (frames, axial, lateral) convolved along both axes with a symmetric kernel."""
    frames, height, width = stack.shape
    result = np.empty_like(stack)
    strips = (height + STRIP - 1) // STRIP
    for task in prange(frames * strips):
        frame, start = task // strips, task % strips * STRIP
        line = scratch_lines(1, width, weights.size - 1)[0]
        for row in range(start, min(start + STRIP, height)):
            smooth_row(stack[frame], row, weights, line, result[frame, row])
    return result


def gaussian_weights(sigma: float, truncate: float = 4.0) -> np.ndarray:
    """Return the middle and right half of a sampled Gaussian of sum 1, truncated at `truncate` sigma."""
    reach = int(truncate * sigma + 0.5)
    half = np.exp(-0.5 * (np.arange(reach + 1) / sigma) ** 2)
    return (half / (half[0] + 2 * half[1:].sum())).astype(np.float32)


def box_weights(size: int) -> np.ndarray:
    """Return the middle and right half of the kernel of a mean over an odd number of pixels."""
    return np.full(size // 2 + 1, 1 / size, np.float32)
