"""Convert colour and stored values to grey."""

from dataclasses import dataclass

import numpy as np

from usbench.core.errors import ImageError

BT_601 = (0.299, 0.587, 0.114)
BT_709 = (0.2125, 0.7154, 0.0721)
DEEPEST = 65535  # the largest whole number that is read as grey
ROUNDING = 1e-6  # floating-point grey may exceed [0, 1] by this much


def weighted_grey(channels: np.ndarray, weights: tuple[float, float, float]) -> np.ndarray:
    """Return the weighted sum of three channels, (H, W) float64.

    Terms are added one by one: the last bits of a matrix product by BLAS differ between processors.

    Parameters
    ----------
    channels
        (H, W, 3).
    weights
        Of red, green and blue, such as those of ITU-R BT.601.
    """
    red, green, blue = (weight * channels[..., n].astype(np.float64) for n, weight in enumerate(weights))
    return red + green + blue


@dataclass(frozen=True)
class GreyScale:
    """What stored values mean: `black` is 0 and `white` is 1, the same for all planes of a file.

    Attributes
    ----------
    black, white
        Stored values; `black` is the larger one where the file stores a negative.
    note
        A sentence on the choice of white if it is not that of the file's type; empty otherwise.
    """

    black: float
    white: float
    note: str = ""

    def grey(self, values: np.ndarray) -> np.ndarray:
        """Return stored values as float64 in [0, 1]."""
        if self.black == 0:
            return values / self.white
        return (values - np.float64(self.black)) / (self.white - self.black)

    def stored(self, grey: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Return grey as stored values: the inverse of `grey`, rounded for whole numbers."""
        values = grey.astype(np.float64) * (self.white - self.black) + self.black
        return (np.round(values) if dtype.kind in "ui" else values).astype(dtype)


def scale_of(dtype: np.dtype, low: float, high: float, name: str, bits: int = 0) -> GreyScale:
    """Return the grey scale of stored values by one rule for all kinds of files.

    White is the largest value of the stored bits. If no value reaches a quarter of it, or a sixteenth where the file
    states its stored bits, the file uses fewer bits than it has: white is then the largest value of the fewest bits, 8
    or more, that hold all values. Floating point is in [0, 1].

    Parameters
    ----------
    dtype
        Of the stored values.
    low, high
        The smallest and the largest value of all planes.
    name
        Of the file, for messages.
    bits
        Stored bits if the file says so; otherwise those of the type, at most 16.

    Raises
    ------
    ImageError
        If values are outside [0, 1] or 0 to 65535, or are no numbers.
    """
    if dtype.kind == "b":
        return GreyScale(0, 1)
    if dtype.kind == "f":
        return _float_scale(low, high, name)
    if dtype.kind not in "ui":
        raise ImageError(f"The image {name} holds {dtype} values where grey numbers are expected.")
    if low < 0 or high > DEEPEST:
        raise ImageError(f"The image {name} holds integers from {low:.0f} to {high:.0f} where 0 to 65535 are expected.")
    has = bits or min(8 * dtype.itemsize - (dtype.kind == "i"), 16)
    stated = bool(bits) and bits < 8 * dtype.itemsize
    white = 2**has - 1
    if has <= 8 or high >= (white + 1) / (16 if stated else 4):
        return GreyScale(0, white)
    used = max(8, int(high).bit_length())
    wide = 8 * dtype.itemsize if dtype.kind == "u" else 0
    note = f"{used} of {has} bits are used, so {2**used - 1} is taken as white" if (bits or wide == 16) else ""
    return GreyScale(0, 2**used - 1, note)


def _float_scale(low: float, high: float, name: str) -> GreyScale:
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ImageError(f"The image {name} has values that are not finite (NaN or infinity).")
    if low < -ROUNDING or high > 1 + ROUNDING:
        advice = f"; divide by {255 if high <= 255 else 65535}, or store whole numbers as integers" if low >= 0 else ""
        found = f"from {low:.4g} to {high:.4g}"
        raise ImageError(f"The image {name} holds values {found} where [0, 1] is expected{advice}.")
    return GreyScale(0, 1)
