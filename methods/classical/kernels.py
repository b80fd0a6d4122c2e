"""Inner loops of the classical filters, compiled by numba. Images are float64; none is written to."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def bilateral(padded: np.ndarray, reach: int, sigma_spatial: float, sigma_range: float) -> np.ndarray:
    """Return the bilateral mean over a window of `2 reach + 1` pixels; `padded` has `reach` more on every side."""
    height, width = padded.shape[0] - 2 * reach, padded.shape[1] - 2 * reach
    result = np.empty((height, width))
    offsets = np.arange(-reach, reach + 1)
    spatial = np.exp(-0.5 * (offsets / sigma_spatial) ** 2)
    scale = -0.5 / sigma_range**2
    for row in range(height):
        for column in range(width):
            centre = padded[row + reach, column + reach]
            total = weights = 0.0
            for i in range(2 * reach + 1):
                for j in range(2 * reach + 1):
                    value = padded[row + i, column + j]
                    weight = spatial[i] * spatial[j] * np.exp(scale * (value - centre) ** 2)
                    total += weight * value
                    weights += weight
            result[row, column] = total / weights
    return result


@njit(cache=True, nogil=True)
def nlm(padded: np.ndarray, height: int, width: int, reach: int, patch: int, h: float) -> np.ndarray:
    """Return the non-local mean; `padded` has `reach + patch` more pixels than (height, width) on every side.

    For each displacement, squared differences are summed over patches with running sums, first along columns, then
    along rows; the displacement and its opposite are both visited, which keeps the loop free of shared writes.
    """
    margin = reach + patch
    side = 2 * patch + 1
    scale = -1.0 / (h * h * side * side)
    total = np.zeros((height, width))
    weights = np.zeros((height, width))
    squares = np.empty((height + 2 * patch, width + 2 * patch))
    columns = np.empty(width + 2 * patch)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            for row in range(height + 2 * patch):
                for column in range(width + 2 * patch):
                    near = padded[row + reach, column + reach]
                    far = padded[row + reach + down, column + reach + right]
                    squares[row, column] = (near - far) ** 2
            columns[:] = 0.0
            for row in range(side - 1):
                columns += squares[row]
            for row in range(height):
                columns += squares[row + side - 1]
                distance = 0.0
                for column in range(side - 1):
                    distance += columns[column]
                for column in range(width):
                    distance += columns[column + side - 1]
                    weight = np.exp(scale * max(distance, 0.0))
                    total[row, column] += weight * padded[row + margin + down, column + margin + right]
                    weights[row, column] += weight
                    distance -= columns[column]
                columns -= squares[row]
    return total / weights


@njit(cache=True, nogil=True)
def srad(image: np.ndarray, iterations: int, time_step: float, q0: float, rho: float) -> np.ndarray:
    """Return the image after explicit steps of speckle reducing anisotropic diffusion, without flow over the border."""
    height, width = image.shape
    current = np.maximum(image, 1e-6)
    following = np.empty_like(current)
    diffusion = np.empty_like(current)
    for step in range(iterations):
        scale = (q0 * np.exp(-rho * step * time_step)) ** 2
        for row in range(height):
            north, south = max(row - 1, 0), min(row + 1, height - 1)
            for column in range(width):
                west, east = max(column - 1, 0), min(column + 1, width - 1)
                centre = current[row, column]
                to_north = current[north, column] - centre
                to_south = current[south, column] - centre
                to_west = current[row, west] - centre
                to_east = current[row, east] - centre
                gradient = (to_north**2 + to_south**2 + to_west**2 + to_east**2) / (centre * centre)
                laplacian = (to_north + to_south + to_west + to_east) / centre
                variation = (0.5 * gradient - laplacian**2 / 16) / (1 + 0.25 * laplacian) ** 2
                # the variation is never negative, so the denominator is at least scale / (1 + scale)
                diffusion[row, column] = min(1.0, 1 / (1 + (variation - scale) / (scale * (1 + scale))))
        for row in range(height):
            north, south = max(row - 1, 0), min(row + 1, height - 1)
            for column in range(width):
                west, east = max(column - 1, 0), min(column + 1, width - 1)
                centre = current[row, column]
                here = diffusion[row, column]
                flow = diffusion[south, column] * (current[south, column] - centre)
                flow += here * (current[north, column] - centre)
                flow += diffusion[row, east] * (current[row, east] - centre)
                flow += here * (current[row, west] - centre)
                following[row, column] = centre + 0.25 * time_step * flow
        current, following = following, current
    return current


@njit(cache=True, nogil=True)
def total_variation(image: np.ndarray, weight: float, iterations: int) -> np.ndarray:
    """Return Chambolle's projection with step 1/4."""
    height, width = image.shape
    down = np.zeros((height, width))
    right = np.zeros((height, width))
    divergence = np.zeros((height, width))
    tau = 0.25
    for _ in range(iterations):
        _divergence(down, right, divergence)
        for row in range(height):
            for column in range(width):
                here = divergence[row, column] - image[row, column] / weight
                to_down = to_right = 0.0
                if row < height - 1:
                    to_down = divergence[row + 1, column] - image[row + 1, column] / weight - here
                if column < width - 1:
                    to_right = divergence[row, column + 1] - image[row, column + 1] / weight - here
                norm = 1 + tau * np.sqrt(to_down**2 + to_right**2)
                down[row, column] = (down[row, column] + tau * to_down) / norm
                right[row, column] = (right[row, column] + tau * to_right) / norm
    _divergence(down, right, divergence)
    return image - weight * divergence


@njit(cache=True, nogil=True)
def _divergence(down: np.ndarray, right: np.ndarray, result: np.ndarray) -> None:
    """Write the divergence: the negative adjoint of the forward differences."""
    height, width = down.shape
    for row in range(height):
        for column in range(width):
            value = 0.0
            if row < height - 1:
                value += down[row, column]
            if row > 0:
                value -= down[row - 1, column]
            if column < width - 1:
                value += right[row, column]
            if column > 0:
                value -= right[row, column - 1]
            result[row, column] = value
