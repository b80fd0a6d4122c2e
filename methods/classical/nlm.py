"""Non-local means."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.loops import loop, prange
from usbench.method import MethodCard
from usbench.space import Real, Whole, over

from .arithmetic import exp32, mirrored
from .patches import SIDE, patch_sums
from .stack import StackMethod
from .window import OddSize

STRIP = 16  # rows whose weights are summed together, so that they stay in the cache


@dataclass(frozen=True)
class Nlm(StackMethod):
    r"""A mean over a search window, weighted by the likeness of patches.

    .. math:: y_p = \frac{\sum_q w_{pq} x_q}{\sum_q w_{pq}}, \quad
        w_{pq} = \exp\left(-\frac{1}{h^2} \frac{1}{|P|} \sum_{d \in P} (x_{p+d} - x_{q+d})^2\right)

    with the pixel itself at weight 1, borders mirrored. Each displacement's patch distances are running sums, so the
    cost does not depend on the patch.

    Parameters
    ----------
    search, patch
        Height and width of the search window and of the patch in pixels, odd.
    h
        Width of the weight in grey, of a range of 1.

    References
    ----------
    Buades, Coll, Morel, "A non-local algorithm for image denoising", CVPR 2005.
    """

    name = "nlm"
    card = MethodCard(
        title="Non-local means",
        family="patches",
        citation="Buades, Coll, Morel, CVPR 2005",
        doi="10.1109/CVPR.2005.38",
        tuned_on=("natural+rayleigh/val", "mri+psf/val", "phantom+psf/val"),
    )
    space = over(patch=Whole(3, 9, step=2), h=Real(0.03, 0.6, log=True))

    search: OddSize = 15
    patch: OddSize = 7
    h: Annotated[float, Field(gt=0)] = 0.2

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter images."""
        search, patch = self.search // 2, self.patch // 2
        scale = np.float32(-1 / (self.h * self.patch) ** 2)
        return nlm.given(SIDE=self.patch)(mirrored(stack, search + patch), search, scale)


@loop(parallel=True)
def nlm(padded, reach, scale):
    """Return the non-local mean; `padded` has `reach + SIDE // 2` more pixels on every side.

    Strip by strip and displacement by displacement: squared differences, their sums over patches, weights, and the
    weighted sums.
    """
    patch = SIDE // 2
    margin = reach + patch
    frames = padded.shape[0]
    height, width = padded.shape[1] - 2 * margin, padded.shape[2] - 2 * margin
    wide = width + 2 * patch
    result = np.empty((frames, height, width), np.float32)
    strips = (height + STRIP - 1) // STRIP
    for task in prange(frames * strips):
        frame, start = task // strips, task % strips * STRIP
        rows = min(STRIP, height - start)
        plane = padded[frame]
        total, weights = np.zeros((rows, width), np.float32), np.zeros((rows, width), np.float32)
        squares = np.empty((rows + 2 * patch, wide), np.float32)
        columns, distance = np.empty(wide, np.float32), np.empty(width, np.float32)
        for down in range(-reach, reach + 1):
            for right in range(-reach, reach + 1):
                for row in range(rows + 2 * patch):
                    near = plane[start + row + reach, reach : reach + wide]
                    far = plane[start + row + reach + down, reach + right : reach + right + wide]
                    target = squares[row]
                    for column in range(wide):
                        difference = near[column] - far[column]
                        target[column] = difference * difference
                for row in range(rows):
                    patch_sums(squares[row : row + SIDE], columns, distance)
                    far = plane[start + row + margin + down, margin + right : margin + right + width]
                    sums, norms = total[row], weights[row]
                    for column in range(width):
                        weight = exp32(scale * distance[column])
                        sums[column] += weight * far[column]
                        norms[column] += weight
        for row in range(rows):
            target, sums, norms = result[frame, start + row], total[row], weights[row]
            for column in range(width):
                target[column] = sums[column] / norms[column]
    return result
