"""Whether a picture from outside can be the result for an input: its size, grey scale and place."""

import numpy as np

from usbench.core.errors import MethodError

LEAST_RATIO, MOST_RATIO = 0.5, 2.0  # of mean grey: despeckling keeps it, another scale does not
SMOOTH = 2.0  # pixels; both pictures are smoothed before they are compared
REACH = 16  # pixels; larger shifts are not looked for
CLEARER = 0.01  # by which correlation must grow for a shift
STRUCTURE = 0.3  # correlation below which a picture is of something else, or turned or inverted
LEAST_CONTRAST = 0.01  # of the grey range: flatter pictures have no place


def check_result(image: np.ndarray, result: np.ndarray, name: str) -> None:
    """Refuse a result that has another size or scale than its input, or is shifted, turned or of another image.

    Parameters
    ----------
    image, result
        (axial, lateral) in [0, 1].
    name
        Of the picture, for the message.

    Raises
    ------
    MethodError
        With what was found and what was expected.
    """
    if result.shape != image.shape:
        found, expected = (" x ".join(map(str, array.shape)) for array in (result, image))
        raise MethodError(f"The picture {name} has {found} pixels where {expected} are expected.")
    ratio = float(result.mean()) / max(float(image.mean()), 1e-6)
    if not LEAST_RATIO <= ratio <= MOST_RATIO:
        scale = "; 8- or 12-bit numbers in 16 bits?" if ratio < LEAST_RATIO else ""
        raise MethodError(f"The picture {name} has {ratio:.3g} times the mean grey of its input{scale}: another scale.")
    _check_place(image, result, name)


def _check_place(image: np.ndarray, result: np.ndarray, name: str) -> None:
    """Refuse a result that fits its input better somewhere else."""
    from scipy.ndimage import gaussian_filter

    one, other = (gaussian_filter(array.astype(np.float64), SMOOTH) for array in (image, result))
    if min(one.std(), other.std()) < LEAST_CONTRAST or min(image.shape) <= 4 * REACH:
        return
    here = correlation(one, other, 0, 0)
    best, (down, right) = max(
        (correlation(one, other, row, column), (row, column)) for row, column in _candidates(one, other)
    )
    if (down or right) and best > here + CLEARER:
        raise MethodError(f"The picture {name} is shifted by {down} rows and {right} columns against its input.")
    if here < STRUCTURE:
        raise MethodError(
            f"The picture {name} does not show its input (correlation {here:.2f}): wrong name, or turned?"
        )


def _candidates(one: np.ndarray, other: np.ndarray) -> set[tuple[int, int]]:
    """Return the shift that phase correlation finds, and those beside it."""
    from skimage.registration import phase_cross_correlation

    shift, _, _ = phase_cross_correlation(other, one, normalization=None)
    row, column = (round(float(value)) for value in shift)
    near = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)}
    return {place for place in near if max(map(abs, place)) <= REACH} | {(0, 0)}


def correlation(image: np.ndarray, result: np.ndarray, down: int, right: int) -> float:
    """Return the correlation of an image with a result that is moved by `down` rows and `right` columns."""
    rows, columns = image.shape
    one = image[max(0, -down) : rows - max(0, down), max(0, -right) : columns - max(0, right)]
    other = result[max(0, down) : rows - max(0, -down), max(0, right) : columns - max(0, -right)]
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / max(np.sqrt((one**2).sum() * (other**2).sum()), 1e-12))
