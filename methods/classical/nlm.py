"""Non-local means."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.method import MethodCard, PlaneMethod

from .window import OddSize, mirrored


@dataclass(frozen=True)
class Nlm(PlaneMethod):
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

    search: OddSize = 15
    patch: OddSize = 7
    h: Annotated[float, Field(gt=0)] = 0.2

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Filter one image."""
        from .kernels import nlm

        padded = mirrored(image, self.search // 2 + self.patch // 2).astype(np.float64)
        return nlm(padded, image.shape[0], image.shape[1], self.search // 2, self.patch // 2, self.h)
