"""Total variation denoising of multiplicative noise."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import ONE, exp32
from .local_statistics import RAYLEIGH_LOOKS
from .stack import StackMethod
from .tv import minimise

DARKEST = np.float32(1e-4)  # envelope; 80 dB below the brightest
NEWTON_STEPS = 4


@dataclass(frozen=True)
class TvMultiplicative(StackMethod):
    r"""MIDAL: total variation of the logarithm under Gamma-distributed speckle of L looks.

    .. math:: \min_z \; L \sum_p \left(z_p + e^{\log x_p - z_p}\right) + \lambda \sum_p |\nabla z|_p, \quad y = e^z

    by variable splitting, :math:`z = u`, and the alternating direction method of multipliers: Newton steps for each
    pixel of :math:`z`, Chambolle's projection for :math:`u` (with a warm start of its dual field), and the update of
    the multiplier. There is no flow across the border.

    Parameters
    ----------
    looks
        :math:`L`: 1 for single-look intensity, 3.66 for the envelope, which is the input here.
    weight
        :math:`\lambda`; greater values smooth more. Relative to L it has the unit of the logarithm.
    iterations
        Rounds of the splitting.
    inner
        Updates of the dual field per round.

    References
    ----------
    Bioucas-Dias, Figueiredo, "Multiplicative noise removal using variable splitting and constrained optimization", IEEE
    Trans. Image Process. 19(7):1720-1730, 2010. The penalty of the splitting is L here.
    """

    name = "tv-multiplicative"
    card = MethodCard(
        title="Total variation for multiplicative noise (MIDAL)",
        family="variational",
        citation="Bioucas-Dias, Figueiredo, IEEE Trans. Image Process. 19(7):1720-1730, 2010",
        doi="10.1109/TIP.2010.2045029",
        domain="envelope",
        default_from={"looks": "model", "weight": "ours", "iterations": "ours", "inner": "ours"},
    )
    space = over(weight=Real(0.3, 30, log=True))

    looks: Annotated[float, Field(gt=0, le=1000)] = RAYLEIGH_LOOKS
    weight: Annotated[float, Field(gt=0, le=1000)] = 2.0
    iterations: Annotated[int, Field(ge=1, le=1000)] = 20
    inner: Annotated[int, Field(ge=1, le=1000)] = 10

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Denoise envelope images."""
        observed = np.log(np.maximum(stack, DARKEST))
        smooth, multiplier = observed.copy(), np.zeros_like(observed)
        estimate = observed.copy()
        dual = np.zeros((2, *stack.shape), np.float32)
        for _ in range(self.iterations):
            likeliest(observed, smooth, multiplier, estimate)
            smooth, dual = minimise(estimate - multiplier, self.weight / self.looks, self.inner, dual)
            multiplier += smooth - estimate
        return np.exp(smooth)


@loop(parallel=True)
def likeliest(observed: np.ndarray, smooth: np.ndarray, multiplier: np.ndarray, estimate: np.ndarray) -> None:
    """Improve the estimate by Newton steps for z + e^(x - z) + (z - u - d)^2 / 2, which is divided by L."""
    frames, height, width = observed.shape
    for task in prange(frames * height):
        frame, row = task // height, task % height
        for column in range(width):
            value = estimate[frame, row, column]
            target = smooth[frame, row, column] + multiplier[frame, row, column]
            for _ in range(NEWTON_STEPS):
                ratio = exp32(observed[frame, row, column] - value)
                value -= (ONE - ratio + value - target) / (ratio + ONE)
            estimate[frame, row, column] = value
