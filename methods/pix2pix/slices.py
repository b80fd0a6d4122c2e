"""Training images in a file: a picture, the slices of an MRI volume, the frames of a cine."""

from pathlib import Path

import numpy as np

from usbench.core.errors import ImageError
from usbench.io import frame_image, iterate_frames

DARKEST, BRIGHTEST = 0.5, 99.5  # percentiles of a file's values that become black and white
EMPTY = 0.02  # standard deviation of a slice's grey below which there is only air in it


def training_images(file: Path) -> list[np.ndarray]:
    """Return every image of a file, (H, W) uint8.

    Grey of 8 bits is kept. What has more, or no range of its own as MRI, is scaled by percentiles of the whole file, so
    that slices keep their grey among each other. Slices of a volume that show next to nothing are left out.

    Raises
    ------
    ImageError
        If the file cannot be read or no slice of it shows anything.
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
