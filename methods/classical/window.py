"""Windows that are odd in size and centred on their pixel."""

from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field


def _odd(size: int) -> int:
    if size % 2 == 0:
        raise ValueError("the window must be odd to be centred on its pixel")
    return size


OddSize = Annotated[int, Field(ge=1, le=101), AfterValidator(_odd)]


def mirrored(image: np.ndarray, margin: int) -> np.ndarray:
    """Return the image continued by `margin` pixels on all sides by mirroring about its edges, as often as needed."""
    return np.pad(image, margin, mode="symmetric")
