"""Lee's sigma filter."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import ONE, QUARTER, ZERO, mirrored
from .local_statistics import SpeckleFilter


@dataclass(frozen=True)
class LeeSigma(SpeckleFilter):
    r"""The mean of the pixels of a window whose difference from the centre speckle alone can explain.

    .. math:: y_p = \frac{1}{|S_p|} \sum_{q \in S_p} x_q, \quad
        S_p = \{q \in W_p : (1 - \sigma C_u) x_p \le x_q \le (1 + \sigma C_u) x_p\}

    If :math:`S_p` has no more than `fewest` pixels, the centre counts as an outlier and is replaced by the mean of its
    four neighbours. Borders are mirrored. With the :math:`C_u` of a Rayleigh envelope and two sigma the lower bound is
    negative, so the lower tail biases the mean: the filter darkens, which is a known criticism of it.

    Parameters
    ----------
    sigmas
        Half width of the range in standard deviations; 2 in the paper.
    fewest
        Number of pixels in range, including the centre, that is too small; 0 turns the rule off. The paper has up to 4
        for its window of 7 x 7.

    References
    ----------
    Lee, "A simple speckle smoothing algorithm for synthetic aperture radar images", IEEE Trans. Syst. Man Cybern.
    13(1):85-89, 1983.
    """

    name = "lee-sigma"
    card = MethodCard(
        title="Lee's sigma filter",
        family="local statistics",
        citation="Lee, IEEE Trans. Syst. Man Cybern. 13(1):85-89, 1983",
        doi="10.1109/TSMC.1983.6313036",
        domain="envelope",
        default_from={"size": "paper", "cu": "model", "sigmas": "paper", "fewest": "paper"},
    )
    space = over(size=Whole(3, 11, step=2), cu=Real(0.1, 1, log=True), fewest=Whole(0, 8))

    sigmas: Annotated[float, Field(gt=0, le=10)] = 2.0
    fewest: Annotated[int, Field(ge=0, le=100)] = 4

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter envelope images."""
        reach = self.size // 2
        return lee_sigma(mirrored(stack, max(reach, 1)), reach, self.sigmas * self.cu, self.fewest)


@loop(parallel=True)
def lee_sigma(padded: np.ndarray, reach: int, width_of_range: float, fewest: int) -> np.ndarray:
    """Return the sigma means; `padded` is padded by `reach` pixels, and by at least one."""
    margin = max(reach, 1)
    frames, height, width = padded.shape[0], padded.shape[1] - 2 * margin, padded.shape[2] - 2 * margin
    result = np.empty((frames, height, width), np.float32)
    low, high = np.float32(1 - width_of_range), np.float32(1 + width_of_range)
    few = np.float32(fewest)
    for task in prange(frames * height):
        plane, row = padded[task // height], task % height + margin
        total, count = np.zeros(width, np.float32), np.zeros(width, np.float32)
        centre = plane[row, margin : margin + width]
        for down in range(-reach, reach + 1):
            for right in range(-reach, reach + 1):
                line = plane[row + down, margin + right :]
                for column in range(width):
                    value = line[column]
                    inside = ONE if low * centre[column] <= value and value <= high * centre[column] else ZERO
                    total[column] += inside * value
                    count[column] += inside
        north, south = plane[row - 1, margin:], plane[row + 1, margin:]
        west, east = plane[row, margin - 1 :], plane[row, margin + 1 :]
        target = result[task // height, task % height]
        for column in range(width):
            around = QUARTER * (north[column] + south[column] + west[column] + east[column])
            target[column] = total[column] / max(count[column], ONE) if count[column] > few else around
    return result
