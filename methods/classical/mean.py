"""The mean of a window."""

from dataclasses import dataclass

import numpy as np

from usbench.core.method import MethodCard
from usbench.core.search_space import Whole, over

from .separable import box_weights, smooth
from .stack import StackMethod
from .window import OddSize


@dataclass(frozen=True)
class Mean(StackMethod):
    r"""The mean :math:`y_p = |W|^{-1} \sum_{q \in W_p} x_q` of a square window around each pixel, borders mirrored.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd. 3 to 7 are usual.
    """

    name = "mean"
    card = MethodCard(
        title="Mean",
        family="local statistics",
        default_from={"size": "usual"},
    )
    space = over(size=Whole(3, 15, step=2))

    size: OddSize = 5

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Average over windows."""
        return smooth(stack, box_weights(self.size))
