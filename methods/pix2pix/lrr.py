"""The low-radiometric-resolution image that is the input of the simulator `S`."""

import numpy as np

LEVELS = 8


def low_radiometric_resolution(image: np.ndarray, levels: int = LEVELS) -> np.ndarray:
    """Return the image with few grey levels and without small detail.

    The image is min-max scaled to 0..255 and quantised as s * floor(z / s), with s = 32 for 8 levels, and a 3 x 3
    median is applied twice. An MRI slice and a B-mode image then look alike, so that `S`, trained on the latter, can be
    applied to the former.

    Parameters
    ----------
    image
        (axial, lateral), any range.
    levels
        Number of grey levels, from 2 to 256.

    Returns
    -------
    numpy.ndarray
        float32 in [0, 1] of the same shape, at most 224/255 for 8 levels; zeros for a constant image.

    References
    ----------
    Vieira et al., IEEE Access 12:45811-45823, 2024, and the authors' demo.
    """
    low, high = float(image.min()), float(image.max())
    if high <= low:
        return np.zeros(image.shape, np.float32)
    return lrr_of_scaled((image.astype(np.float64) - low) / (high - low), levels)


def lrr_of_scaled(image: np.ndarray, levels: int = LEVELS) -> np.ndarray:
    """Return `low_radiometric_resolution` of an image that is scaled to [0, 1] already."""
    from scipy.ndimage import median_filter

    step = 256 / levels
    scaled = image * 255.0 + 1e-9  # so that a whole grey level is not rounded down
    quantised = (step * np.floor(scaled / step)).astype(np.uint8)
    for _ in range(2):
        quantised = median_filter(quantised, size=3, mode="nearest")
    return (quantised / 255.0).astype(np.float32)
