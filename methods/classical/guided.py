"""The guided filter, guided by the image itself."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over

from .moments import estimates_by_moments, local_mean, local_variance
from .separable import box_weights, smooth
from .stack import StackMethod
from .window import OddSize


@dataclass(frozen=True)
class Guided(StackMethod):
    r"""A local linear model of the image in itself, averaged over all windows that contain a pixel.

    .. math:: y_p = \bar a_p x_p + \bar b_p, \quad a_k = \frac{s_k^2}{s_k^2 + \epsilon}, \quad b_k = (1 - a_k) m_k

    with :math:`m_k, s_k^2` the mean and variance of the square window around :math:`k`, and :math:`\bar a, \bar b` the
    means over the same window; borders mirrored.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd; 9 is the paper's r = 4.
    epsilon
        :math:`\epsilon`, the variance above which a window counts as structure, on a grey scale of 0 to 1; 0.1^2 to
        0.4^2 in the paper.

    References
    ----------
    He, Sun, Tang, "Guided image filtering", IEEE Trans. PAMI 35(6):1397-1409, 2013.
    """

    name = "guided"
    card = MethodCard(
        title="Guided filter",
        family="weighted mean",
        citation="He, Sun, Tang, IEEE Trans. PAMI 35(6):1397-1409, 2013",
        doi="10.1109/TPAMI.2012.213",
        default_from={"size": "paper", "epsilon": "paper"},
    )
    space = over(size=Whole(3, 21, step=2), epsilon=Real(0.0005, 0.5, log=True))

    size: OddSize = 9
    epsilon: Annotated[float, Field(gt=0, le=10)] = 0.04

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter images."""
        mean = estimates_by_moments(stack, self.size, local_mean)
        variance = estimates_by_moments(stack, self.size, local_variance)
        slope = variance / (variance + np.float32(self.epsilon))
        weights = box_weights(self.size)
        return smooth(slope, weights) * stack + smooth((1 - slope) * mean, weights)
