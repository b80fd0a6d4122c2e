"""Diffusion with a tensor, for the oriented filters."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.runtime.numba_loops import loop, prange

from .arithmetic import HALF, ONE, QUARTER, TINY, ZERO
from .separable import gaussian_weights, smooth
from .stack import StackMethod


@dataclass(frozen=True)
class TensorDiffusion(StackMethod):
    """Base of filters that take explicit steps of diffusion with a tensor.

    Parameters
    ----------
    iterations
        Time steps.
    time_step
        At most 1/4 for stability; 0.2 here.
    """

    iterations: Annotated[int, Field(ge=1, le=10_000)] = 50
    time_step: Annotated[float, Field(gt=0, le=0.25)] = 0.2


@loop
def eigen(across: np.float32, mixed: np.float32, along: np.float32) -> tuple[np.float32, ...]:
    """Return the greater eigenvalue's unit vector (rows, columns), and both eigenvalues, of a symmetric 2 x 2 matrix.

    `across` belongs to rows, `along` to columns. If both eigenvalues are equal, the vector is that of the rows.
    """
    middle = HALF * (across + along)
    half = HALF * (across - along)
    scale = max(abs(half), abs(mixed))
    if scale < TINY:
        return ONE, ZERO, middle, middle
    inverse = ONE / scale  # products of small numbers would underflow
    half, mixed = half * inverse, mixed * inverse
    root = np.sqrt(half * half + mixed * mixed)
    # the longer of two forms of the vector, to avoid cancellation
    down = half + root if half >= ZERO else mixed
    right = mixed if half >= ZERO else root - half
    length = ONE / np.sqrt(down * down + right * right)
    return down * length, right * length, middle + root * scale, middle - root * scale


@loop(parallel=True)
def gradients(stack: np.ndarray) -> np.ndarray:
    """Return the central differences along rows and columns, borders mirrored: (2, frames, axial, lateral)."""
    frames, height, width = stack.shape
    result = np.empty((2, frames, height, width), np.float32)
    for task in prange(frames * height):
        frame, row = task // height, task % height
        north, south = stack[frame, max(row - 1, 0)], stack[frame, min(row + 1, height - 1)]
        centre = stack[frame, row]
        for column in range(width):
            result[0, frame, row, column] = HALF * (south[column] - north[column])
            west, east = centre[max(column - 1, 0)], centre[min(column + 1, width - 1)]
            result[1, frame, row, column] = HALF * (east - west)
    return result


@loop(parallel=True)
def tensor_step(
    stack: np.ndarray, across: np.ndarray, mixed: np.ndarray, along: np.ndarray, time_step: float
) -> np.ndarray:
    r"""Return the stack one explicit step of :math:`\partial_t I = \nabla \cdot (D \nabla I)` later.

    :math:`D` has `across` for rows, `along` for columns and `mixed` off the diagonal. Flow along an axis uses the mean
    coefficient of two pixels, and mixed terms use central differences (standard discretisation, Weickert, 1998). Beyond
    the border, image and tensor are those of the edge pixel.
    """
    frames, height, width = stack.shape
    result = np.empty_like(stack)
    share = np.float32(time_step)
    for task in prange(frames * height):
        frame, row = task // height, task % height
        north, south = max(row - 1, 0), min(row + 1, height - 1)
        image, rows, both, columns = stack[frame], across[frame], mixed[frame], along[frame]
        for column in range(width):
            west, east = max(column - 1, 0), min(column + 1, width - 1)
            value = image[row, column]
            flow = (rows[row, column] + rows[south, column]) * (image[south, column] - value)
            flow += (rows[row, column] + rows[north, column]) * (image[north, column] - value)
            flow += (columns[row, column] + columns[row, east]) * (image[row, east] - value)
            flow += (columns[row, column] + columns[row, west]) * (image[row, west] - value)
            cross = both[south, column] * (image[south, east] - image[south, west])
            cross -= both[north, column] * (image[north, east] - image[north, west])
            cross += both[row, east] * (image[south, east] - image[north, east])
            cross -= both[row, west] * (image[south, west] - image[north, west])
            result[frame, row, column] = value + share * (HALF * flow + QUARTER * cross)
    return result


def structure_tensor(stack: np.ndarray, inner: float, outer: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return the parts (rows, mixed, columns) of :math:`G_\rho * (\nabla I_\sigma \nabla I_\sigma^T)`.

    `inner` is :math:`\sigma` and `outer` is :math:`\rho`, in pixels; 0 turns a smoothing off.
    """
    smoothed = smooth(stack, gaussian_weights(inner)) if inner else stack
    down, right = gradients(smoothed)
    parts = (down * down, down * right, right * right)
    if not outer:
        return parts
    weights = gaussian_weights(outer)
    first, second, third = (smooth(part, weights) for part in parts)
    return first, second, third
