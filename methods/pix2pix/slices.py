"""Read the training images of a file: a picture, the slices of an MRI volume, or the frames of a cine."""

from pathlib import Path

import numpy as np

from usbench.core.errors import ImageError
from usbench.io import frame_image, iterate_frames

DARKEST, BRIGHTEST = 0.5, 99.5  # percentiles of a file's values that are mapped to black and white
EMPTY = 0.02  # a slice whose grey has a lower standard deviation shows only air


def training_images(file: Path) -> list[np.ndarray]:
    """Return every image of a file, (H, W) uint8.

    8-bit grey is kept. Other values, such as those of MRI, are scaled by percentiles of the whole file, so that slices
    keep their relative grey. Empty slices of a volume are left out.

    Raises
    ------
    ImageError
        If the file cannot be read or all of its slices are empty.
    """
    frames = list(iterate_frames(file))
    if frames[0].dtype not in (np.uint8, np.bool_):
        low, high = np.percentile(np.concatenate([frame.ravel() for frame in frames]), [DARKEST, BRIGHTEST])
        if not np.isfinite([low, high]).all():
            raise ImageError(f"The image {file} has values that are not finite (NaN or infinity).")
        frames = [np.clip((frame - low) / max(high - low, 1e-12), 0, 1) for frame in frames]
    greys = [frame_image(frame, file)[0].pixels for frame in frames]
    shown = [grey for grey in greys if len(greys) == 1 or grey.std() >= EMPTY]
    if not shown:
        raise ImageError(f"None of the {len(greys)} images of {file} shows anything.")
    return [np.round(grey * 255).astype(np.uint8) for grey in shown]
