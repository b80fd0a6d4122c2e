"""My method: its idea in one sentence, and its paper."""

from typing import Annotated

import numpy as np
from pydantic import Field

import usbench


@usbench.numpy_method(
    title="My method",
    family="local statistics",  # as for similar methods in `usbench list methods`
    citation="",  # such as "Lee, IEEE Trans. Pattern Anal. Mach. Intell. 2(2):165-168, 1980"
    doi="",
    licence="MIT",
    domain="display",  # "envelope" if its model is multiplicative noise: the harness converts there and back
    trained_on=(),  # data sets with their split, such as "natural+rayleigh/train"; never a test split
    tuned_on=(),
)
def my_method(image: np.ndarray, radius: Annotated[int, Field(ge=1)] = 2, keep: float = 0.25) -> np.ndarray:
    r"""Move each pixel towards the mean of its window, :math:`y = m + k (x - m)`.

    Replace the formula with yours. The result must have the image's shape and depend only on the image and the
    parameters; any height and width from one pixel must work. `usbench check` tests this.

    Parameters
    ----------
    image
        (axial, lateral) = (rows, columns), float32 in [0, 1]; a copy that may be overwritten.
    radius
        Of the square window in pixels, which is 2 * radius + 1 pixels wide.
    keep
        Fraction k of the difference from the mean that is kept: 0 is the mean, 1 the untouched image.
    """
    from scipy.ndimage import uniform_filter

    mean = uniform_filter(image, 2 * radius + 1, mode="reflect")
    return mean + np.float32(keep) * (image - mean)
