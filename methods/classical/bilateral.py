"""The bilateral filter."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import exp32, mirrored
from .stack import StackMethod
from .window import OddSize


@dataclass(frozen=True)
class Bilateral(StackMethod):
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
        :math:`\sigma_r`, on a grey scale of 0 to 1.

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
        default_from={"size": "ours", "sigma_spatial": "ours", "sigma_range": "ours"},
    )
    space = over(
        size=Whole(5, 17, step=2),
        sigma_spatial=Real(0.8, 6, log=True),
        sigma_range=Real(0.05, 1, log=True),
    )

    size: OddSize = 13
    sigma_spatial: Annotated[float, Field(gt=0)] = 3.0
    sigma_range: Annotated[float, Field(gt=0)] = 0.5

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter images."""
        reach = self.size // 2
        offsets = np.arange(-reach, reach + 1)
        exponents = -0.5 * (offsets[:, None] ** 2 + offsets**2) / self.sigma_spatial**2
        return bilateral(mirrored(stack, reach), exponents.astype(np.float32), -0.5 / self.sigma_range**2)


@loop(parallel=True)
def bilateral(padded: np.ndarray, exponents: np.ndarray, scale: float) -> np.ndarray:
    """Return the bilateral mean; `padded` is padded by half a window, `exponents` are those of the spatial weights."""
    side = exponents.shape[0]
    frames, height, width = padded.shape[0], padded.shape[1] - side + 1, padded.shape[2] - side + 1
    result = np.empty((frames, height, width), np.float32)
    factor = np.float32(scale)
    for task in prange(frames * height):
        frame, row = task // height, task % height
        centre = padded[frame, row + side // 2, side // 2 :]
        total, weights = np.zeros(width, np.float32), np.zeros(width, np.float32)
        for down in range(side):
            for right in range(side):
                line, exponent = padded[frame, row + down, right:], exponents[down, right]
                for column in range(width):
                    value = line[column]
                    difference = value - centre[column]
                    weight = exp32(exponent + factor * difference * difference)
                    total[column] += weight * value
                    weights[column] += weight
        target = result[frame, row]
        for column in range(width):
            target[column] = total[column] / weights[column]
    return result
