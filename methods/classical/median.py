"""The median filter."""

from dataclasses import dataclass

import numpy as np

from usbench.method import MethodCard, PlaneMethod

from .window import OddSize


@dataclass(frozen=True)
class Median(PlaneMethod):
    """The median of a square window around each pixel, borders mirrored.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd: the window is centred on its pixel. 3 to 7 are in use.
    """

    name = "median"
    card = MethodCard(
        title="Median",
        family="rank order",
        tuned_on=("natural+rayleigh/val", "mri+psf/val", "phantom+psf/val"),
    )

    size: OddSize = 7

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Filter one image."""
        from scipy.ndimage import median_filter

        return median_filter(image, self.size, mode="reflect")
