"""Parts of filters in plain loops over pixels, as in the papers: what transcriptions are made of."""

import numpy as np

CLOSE = {"rtol": 0, "atol": 1e-5}


def pixels(image):
    return ((row, column) for row in range(image.shape[0]) for column in range(image.shape[1]))


def at(image, row, column):
    """Return a pixel; beyond the border, the nearest one."""
    return image[min(max(row, 0), image.shape[0] - 1), min(max(column, 0), image.shape[1] - 1)]


def four(image, row, column):
    """Return the differences to the neighbours in the north, south, west and east."""
    around = ((-1, 0), (1, 0), (0, -1), (0, 1))
    return [at(image, row + down, column + right) - image[row, column] for down, right in around]


def convolved(image, half):
    """Convolve with a symmetric kernel given by its middle and right half, borders mirrored."""
    reach = len(half) - 1
    kernel = np.array([*half[:0:-1], *half])
    padded = np.pad(image, reach, mode="symmetric")
    result = np.zeros_like(image)
    for row, column in pixels(image):
        result[row, column] = kernel @ padded[row : row + 2 * reach + 1, column : column + 2 * reach + 1] @ kernel
    return result


def gaussian(image, sigma):
    reach = int(4 * sigma + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return convolved(image, (kernel / kernel.sum())[reach:])


def gradient(image):
    down, right = np.zeros_like(image), np.zeros_like(image)
    for row, column in pixels(image):
        down[row, column] = (at(image, row + 1, column) - at(image, row - 1, column)) / 2
        right[row, column] = (at(image, row, column + 1) - at(image, row, column - 1)) / 2
    return down, right


def perona_malik(image, iterations, kappa, step, conduction):
    current = image.astype(float)
    for _ in range(iterations):
        following = current.copy()
        for row, column in pixels(current):
            for difference in four(current, row, column):
                following[row, column] += step * conduction(difference / kappa) * difference
        current = following
    return current


def srad_flow(current, coefficient, row, column):
    north, south, west, east = four(current, row, column)
    here = coefficient[row, column]
    flow = at(coefficient, row + 1, column) * south + here * north
    return flow + at(coefficient, row, column + 1) * east + here * west


def kuan_coefficient(current, per_window):
    q2 = per_window(current, 5, lambda window: window.var() / window.mean() ** 2)
    scale = np.median(q2)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (1 + 1 / q2) / (1 + 1 / scale)
    return np.where(q2 <= max(scale, 1e-15), 1, np.minimum(1, ratio))


def tensor_step(current, across, mixed, along, time_step):
    """One explicit step: half-point fluxes on the axes, central differences for the mixed terms."""
    following = current.copy()
    for i, j in pixels(current):
        flow = 0.0
        for part, down, right in ((across, 1, 0), (across, -1, 0), (along, 0, 1), (along, 0, -1)):
            mean = (part[i, j] + at(part, i + down, j + right)) / 2
            flow += mean * (at(current, i + down, j + right) - current[i, j])
        for down in (1, -1):
            slope = (at(current, i + down, j + 1) - at(current, i + down, j - 1)) / 2
            flow += down * at(mixed, i + down, j) * slope / 2
        for right in (1, -1):
            slope = (at(current, i + 1, j + right) - at(current, i - 1, j + right)) / 2
            flow += right * at(mixed, i, j + right) * slope / 2
        following[i, j] += time_step * flow
    return following


def divergence(down, right):
    result = np.zeros_like(down)
    height, width = down.shape
    for row, column in pixels(down):
        result[row, column] += down[row, column] if row < height - 1 else 0
        result[row, column] -= down[row - 1, column] if row > 0 else 0
        result[row, column] += right[row, column] if column < width - 1 else 0
        result[row, column] -= right[row, column - 1] if column > 0 else 0
    return result


def chambolle(image, weight, iterations, dual):
    down, right = dual
    height, width = image.shape
    for _ in range(iterations):
        rest = divergence(down, right) - image / weight
        new_down, new_right = np.zeros_like(down), np.zeros_like(right)
        for row, column in pixels(image):
            to_down = rest[row + 1, column] - rest[row, column] if row < height - 1 else 0.0
            to_right = rest[row, column + 1] - rest[row, column] if column < width - 1 else 0.0
            norm = 1 + 0.125 * np.hypot(to_down, to_right)
            new_down[row, column] = (down[row, column] + 0.125 * to_down) / norm
            new_right[row, column] = (right[row, column] + 0.125 * to_right) / norm
        down, right = new_down, new_right
    return image - weight * divergence(down, right), (down, right)


def window(image: np.ndarray, row: int, column: int, reach: int) -> np.ndarray:
    padded = np.pad(image.astype(float), reach, mode="symmetric")
    return padded[row : row + 2 * reach + 1, column : column + 2 * reach + 1]


def over_pixels(image: np.ndarray, rule) -> np.ndarray:
    return np.array([[rule(row, column) for column in range(image.shape[1])] for row in range(image.shape[0])])
