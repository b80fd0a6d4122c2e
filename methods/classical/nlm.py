"""Non-local means."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over

from .arithmetic import mirrored
from .non_local import non_local_mean
from .stack import StackMethod
from .window import OddSize


@dataclass(frozen=True)
class Nlm(StackMethod):
    r"""A mean over a search window, weighted by the similarity of patches.

    .. math:: y_p = \frac{\sum_q w_{pq} x_q}{\sum_q w_{pq}}, \quad
        w_{pq} = \exp\left(-\frac{1}{h^2} \frac{1}{|P|} \sum_{d \in P} (x_{p+d} - x_{q+d})^2\right)

    The pixel itself gets the greatest weight of the others, as its own patch would have outweighed them. Borders are
    mirrored.

    Parameters
    ----------
    search, patch
        Height and width of the search window and of the patch in pixels, odd.
    h
        Filter strength, on a grey scale of 0 to 1.

    References
    ----------
    Buades, Coll, Morel, "A non-local algorithm for image denoising", CVPR 2005.
    """

    name = "nlm"
    version = "2"
    card = MethodCard(
        title="Non-local means",
        family="patches",
        citation="Buades, Coll, Morel, CVPR 2005",
        doi="10.1109/CVPR.2005.38",
        tuned_on=("natural+rayleigh/val", "mri+psf/val", "phantom+psf/val"),
        default_from={"search": "ours", "patch": "paper", "h": "ours"},
    )
    space = over(patch=Whole(3, 9, step=2), h=Real(0.03, 0.6, log=True))

    search: OddSize = 15
    patch: OddSize = 7
    h: Annotated[float, Field(gt=0)] = 0.2

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter images."""
        reach, patch = self.search // 2, self.patch // 2
        padded = mirrored(stack, reach + patch)
        return non_local_mean.given(SIDE=self.patch)(padded, padded, reach, -1 / (self.h * self.patch) ** 2)
