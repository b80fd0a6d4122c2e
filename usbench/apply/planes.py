"""Despeckle one plane and return it in its stored type."""

from collections.abc import Callable

import numpy as np

from usbench.core.errors import ImageError
from usbench.ultrasound.scan_area import COLOURED

Despeckle = Callable[[np.ndarray], np.ndarray]


def white_of(values: np.ndarray, name: str) -> float:
    """Return the stored value of white, the same for all planes of a file.

    Raises
    ------
    ImageError
        If floating-point values are not in [0, 1], or whole numbers are below 0 or above 65535.
    """
    if values.dtype == bool or values.dtype.kind not in "uif" or not values.size:
        raise ImageError(f"The image {name} holds {values.dtype} values where grey numbers are expected.")
    low, high = float(values.min()), float(values.max())
    if values.dtype.kind == "f":
        if not (np.isfinite(low) and np.isfinite(high) and low >= 0 and high <= 1):
            raise ImageError(f"The image {name} holds values from {low:.4g} to {high:.4g} where [0, 1] is expected.")
        return 1.0
    if low < 0 or high > 65535:
        raise ImageError(f"The image {name} holds numbers from {low:.0f} to {high:.0f} where 0 to 65535 are expected.")
    if values.dtype == np.uint8 or (values.dtype != np.uint16 and high <= 255):
        return 255.0
    return 65535.0


def despeckled(plane: np.ndarray, white: float, despeckle: Despeckle) -> np.ndarray:
    """Return a stored plane despeckled, in its own shape and type.

    Of a colour plane, (axial, lateral, 3 or 4), the luminance is despeckled and written to all channels. Coloured
    pixels (Doppler, calipers) and an alpha channel are kept.

    Parameters
    ----------
    plane
        As stored.
    white
        See `white_of`.
    despeckle
        Takes and returns (axial, lateral) float32 in [0, 1].
    """
    colour = plane[..., :3].astype(np.float64) / white if plane.ndim == 3 else None
    grey = colour @ np.array([0.299, 0.587, 0.114]) if colour is not None else plane / white
    result = np.clip(despeckle(np.ascontiguousarray(grey, np.float32)), 0, 1) * np.float64(white)
    result = (np.round(result) if plane.dtype.kind in "ui" else result).astype(plane.dtype)
    if colour is None:
        return result
    kept = plane.copy()
    is_grey = np.ptp(colour, axis=-1) <= COLOURED
    kept[is_grey, :3] = result[is_grey][:, None]
    return kept
