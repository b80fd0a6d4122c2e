"""The part of an image that a figure enlarges: chosen on the data, never on a result."""

from typing import NamedTuple

import numpy as np

from usbench.core.errors import UsageError
from usbench.core.sample import Sample

SHARE = 4  # the side of an inset is this part of the image's shorter side


class Inset(NamedTuple):
    """A square part of an image, in pixels."""

    row: int
    column: int
    size: int

    def of(self, image: np.ndarray) -> np.ndarray:
        """Return the part."""
        return image[self.row : self.row + self.size, self.column : self.column + self.size]


def parse_inset(text: str, shape: tuple[int, int]) -> Inset:
    """Return the inset of the text `ROW,COLUMN,SIZE`.

    Raises
    ------
    UsageError
        If it is not three whole numbers, or not inside an image of that shape.
    """
    try:
        inset = Inset(*(int(part) for part in text.split(",")))
    except (ValueError, TypeError):
        raise UsageError(f"{text!r} is not an inset; expected ROW,COLUMN,SIZE in pixels, such as 40,60,48.") from None
    inside = inset.row >= 0 and inset.column >= 0 and inset.size > 0
    if not inside or inset.row + inset.size > shape[0] or inset.column + inset.size > shape[1]:
        raise UsageError(f"The inset {text} is not inside the image of {shape[0]} x {shape[1]} pixels.")
    return inset


def most_detailed(sample: Sample) -> Inset:
    """Return the square with the most edges in the reference or, if there is none, in the smoothed input."""
    from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude, uniform_filter

    size = max(8, min(sample.image.shape) // SHARE)
    size = min(size, *sample.image.shape)
    image = sample.image if sample.reference is None else sample.reference
    edges = gaussian_gradient_magnitude(gaussian_filter(image.astype(float), 1), 2)
    height, width = (length - size + 1 for length in image.shape)
    inside = uniform_filter(edges, size, mode="constant", origin=-(size // 2))[:height, :width]
    row, column = np.unravel_index(int(inside.argmax()), inside.shape)
    return Inset(int(row), int(column), size)
