"""Gaussian smoothing, the simplest denoising control."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, over

from .separable import gaussian_weights, smooth
from .stack import StackMethod


@dataclass(frozen=True)
class Gaussian(StackMethod):
    r"""Convolution with :math:`e^{-r^2 / 2\sigma^2}`, truncated at :math:`4\sigma`, borders mirrored.

    Parameters
    ----------
    sigma
        Standard deviation in pixels.
    """

    name = "gaussian"
    card = MethodCard(
        title="Gaussian smoothing",
        family="linear",
        tuned_on=("natural+rayleigh/val", "mri+psf/val", "phantom+psf/val"),
        default_from={"sigma": "ours"},
    )
    space = over(sigma=Real(0.5, 6, log=True))

    sigma: Annotated[float, Field(gt=0, le=50)] = 2.0

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Smooth along both axes."""
        return smooth(stack, gaussian_weights(self.sigma))
