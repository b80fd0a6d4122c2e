"""Canny's edge detector."""

import numpy as np

from usbench.runtime.numba_loops import loop

from .convolution import gaussian_means

REACH = 4  # deviations after which the Gaussian is cut off
EQUAL = 1e-9  # relative difference of two gradients that rounding makes: an ideal step has two equal ones


def canny(image: np.ndarray, sigma: float, low: float, high: float) -> np.ndarray:
    """Return the edge pixels of an image.

    Smoothing by a Gaussian, whose weights outside the image are left out; Sobel's gradient; pixels whose gradient is at
    least `low` and not below the two that lie before and behind along it, between neighbours linearly; of these, those
    that hang together with one of at least `high`. The outermost pixels are never edges. Both sides of an ideal step
    are; but for these, where scikit-image leaves the choice to rounding, edges are those of scikit-image.

    Parameters
    ----------
    image
        (H, W), float.
    sigma
        Standard deviation of the Gaussian, in pixels.
    low, high
        Thresholds of the length of Sobel's gradient, which is eight times that of grey per pixel.

    Returns
    -------
    numpy.ndarray
        (H, W), bool.

    References
    ----------
    Canny, "A computational approach to edge detection", IEEE Trans. PAMI 8(6):679-698, 1986.
    """
    reach = int(REACH * sigma + 0.5)
    within, inside = (np.pad(plane, reach)[None] for plane in (image, np.ones_like(image)))
    smooth = gaussian_means(np.concatenate([within, inside]), sigma, reach)
    return linked(thinned(*gradient(smooth[0] / (smooth[1] + np.finfo(float).eps)), low), high)


@loop
def gradient(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Sobel's gradient along both axes; borders are mirrored about their edges."""
    height, width = image.shape
    down, right = np.empty_like(image), np.empty_like(image)
    for row in range(height):
        above, middle, below = image[max(row - 1, 0)], image[row], image[min(row + 1, height - 1)]
        for column in range(width):
            west, east = max(column - 1, 0), min(column + 1, width - 1)
            down[row, column] = (below[west] - above[west]) + 2.0 * (below[column] - above[column])
            down[row, column] += below[east] - above[east]
            right[row, column] = (above[east] - above[west]) + 2.0 * (middle[east] - middle[west])
            right[row, column] += below[east] - below[west]
    return down, right


@loop
def thinned(down: np.ndarray, right: np.ndarray, low: float) -> np.ndarray:
    """Return the length of the gradient where it is at least `low` and the greatest along itself, elsewhere 0."""
    height, width = down.shape
    length = np.sqrt(down * down + right * right)
    kept = np.zeros_like(length)
    for row in range(1, height - 1):
        for column in range(1, width - 1):
            own = length[row, column]
            if own < low or own == 0.0:
                continue
            steep, flat = abs(down[row, column]), abs(right[row, column])
            way = 1 if (down[row, column] >= 0) == (right[row, column] >= 0) else -1
            if down[row, column] == 0 or right[row, column] == 0:
                way = 1
            if steep >= flat:
                share = flat / steep
                ahead = share * length[row + 1, column + way] + (1.0 - share) * length[row + 1, column]
                behind = share * length[row - 1, column - way] + (1.0 - share) * length[row - 1, column]
            else:
                share = steep / flat
                ahead = share * length[row + way, column + 1] + (1.0 - share) * length[row, column + 1]
                behind = share * length[row - way, column - 1] + (1.0 - share) * length[row, column - 1]
            if max(ahead, behind) <= own * (1.0 + EQUAL):
                kept[row, column] = own
    return kept


@loop
def linked(strength: np.ndarray, high: float) -> np.ndarray:
    """Return the pixels of any strength that are connected, corners included, to one of at least `high`."""
    height, width = strength.shape
    found = np.zeros((height, width), np.bool_)
    waiting = np.empty((height * width, 2), np.int64)
    count = 0
    for row in range(height):
        for column in range(width):
            if strength[row, column] >= high:
                found[row, column] = True
                waiting[count, 0], waiting[count, 1] = row, column
                count += 1
    while count:
        count -= 1
        middle_row, middle_column = waiting[count, 0], waiting[count, 1]
        for row in range(max(middle_row - 1, 0), min(middle_row + 2, height)):
            for column in range(max(middle_column - 1, 0), min(middle_column + 2, width)):
                if strength[row, column] > 0 and not found[row, column]:
                    found[row, column] = True
                    waiting[count, 0], waiting[count, 1] = row, column
                    count += 1
    return found
