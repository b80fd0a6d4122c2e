"""Convert colour to grey."""

import numpy as np

BT_601 = (0.299, 0.587, 0.114)
BT_709 = (0.2125, 0.7154, 0.0721)


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
