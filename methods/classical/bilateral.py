"""The bilateral filter."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.method import MethodCard, PlaneMethod

from .window import OddSize, mirrored


@dataclass(frozen=True)
class Bilateral(PlaneMethod):
    r"""A mean weighted by distance in space and in grey.

    .. math:: y_p = \frac{\sum_q w_{pq} x_q}{\sum_q w_{pq}}, \quad
        w_{pq} = e^{-|p-q|^2 / 2\sigma_s^2} \, e^{-(x_p - x_q)^2 / 2\sigma_r^2}

    over a square window, borders mirrored.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd.
    sigma_spatial
        :math:`\sigma_s` in pixels.
    sigma_range
        :math:`\sigma_r` in grey, of a range of 1.

    References
    ----------
    Tomasi, Manduchi, "Bilateral filtering for gray and color images", ICCV 1998.
    """

    name = "bilateral"
    card = MethodCard(
        title="Bilateral filter",
        family="weighted mean",
        citation="Tomasi, Manduchi, ICCV 1998",
        doi="10.1109/ICCV.1998.710815",
        tuned_on=("natural+rayleigh/val", "mri+psf/val", "phantom+psf/val"),
    )

    size: OddSize = 13
    sigma_spatial: Annotated[float, Field(gt=0)] = 3.0
    sigma_range: Annotated[float, Field(gt=0)] = 0.5

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Filter one image."""
        from .kernels import bilateral

        reach = self.size // 2
        padded = mirrored(image, reach).astype(np.float64)
        return bilateral(padded, reach, self.sigma_spatial, self.sigma_range)
