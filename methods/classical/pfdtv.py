"""Fractional diffusion and total variation, balanced by phase asymmetry."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import mirror
from .phase import phase_asymmetry
from .stack import StackMethod

GREY_LEVELS = 255.0  # the paper's grey scale
EPSILON = 1e-4
ORDERS = 256  # number of fractional orders for which coefficients are tabulated


@dataclass(frozen=True)
class Pfdtv(StackMethod):
    r"""Gradient descent on a fractional energy that is total variation at edges and diffusion elsewhere.

    .. math:: u \leftarrow u - \tau \left[\xi_1 \nabla^{\alpha *} \frac{\nabla^\alpha u}{|\nabla^\alpha u|}
        + \xi_2 \nabla^{\alpha *} \frac{k^2\, \nabla^\alpha u}{k^2 + (g |\nabla^\alpha u|)^2} + \mu (u - x)\right]

    on grey values of 0 to 255, with :math:`P` the phase asymmetry of :math:`u`, weights :math:`\xi_1 = P (2 - P)` and
    :math:`\xi_2 = (1 - P)^2`, order :math:`\alpha = 1 + \log_2(1 + P^2)` and gain :math:`g = 1 + 254 P`. Fractional
    differences are those of Grunwald and Letnikov, :math:`\sum_k (-1)^k \binom{\alpha}{k} u_{p-k}`;
    :math:`\nabla^{\alpha *}` runs in the opposite direction.

    Parameters
    ----------
    iterations
        Steps; 7 in the authors' program.
    time_step
        :math:`\tau`; 0.15 in the authors' program.
    k
        Contrast of the diffusion in grey levels; :math:`20 e^{-0.35} = 14.1` in the authors' program.
    fidelity
        :math:`\mu`; 0.01 in the authors' program.
    terms
        Terms of the fractional differences. The authors sum to the border. Here the last term makes the sum of the
        coefficients 0, so that a constant stays constant, and borders are mirrored.
    scales
        Bands of the phase asymmetry; 15 in the authors' program.

    References
    ----------
    Mei, Hu, Fei, Qin, "Phase asymmetry ultrasound despeckling with fractional anisotropic diffusion and total
    variation", IEEE Trans. Image Process. 29:2845-2859, 2020, and the authors' published program.
    """

    name = "pfdtv"
    card = MethodCard(
        title="Phase asymmetry, fractional diffusion and total variation",
        family="variational",
        citation="Mei, Hu, Fei, Qin, IEEE Trans. Image Process. 29:2845-2859, 2020",
        doi="10.1109/TIP.2019.2953361",
        note="Fractional differences are cut off after `terms`, and borders are mirrored.",
        default_from={
            "iterations": "authors' code",
            "time_step": "authors' code",
            "k": "authors' code",
            "fidelity": "authors' code",
            "terms": "ours",
            "scales": "authors' code",
        },
    )
    space = over(iterations=Whole(3, 40, log=True), k=Real(3, 60, log=True))

    iterations: Annotated[int, Field(ge=1, le=1000)] = 7
    time_step: Annotated[float, Field(gt=0, le=1)] = 0.15
    k: Annotated[float, Field(gt=0, le=255)] = 14.1
    fidelity: Annotated[float, Field(ge=0, le=1)] = 0.01
    terms: Annotated[int, Field(ge=2, le=64)] = 8
    scales: Annotated[int, Field(ge=1, le=30)] = 15

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter display images."""
        observed = GREY_LEVELS * stack.astype(np.float64)  # for the phase of small differences
        current = observed
        table = coefficients(self.terms)
        for _ in range(self.iterations):
            asymmetry = np.stack([phase_asymmetry(frame, self.scales) for frame in current])
            differences = fractional_differences(current, asymmetry, table)
            current = descend(observed, current, asymmetry, differences, table, self.k, self.fidelity, self.time_step)
        return (current / GREY_LEVELS).astype(np.float32)


def coefficients(terms: int) -> np.ndarray:
    """Return the fractional differences' coefficients, (orders, terms), for 256 values of P^2 from 0 to 1."""
    order = 1 + np.log2(1 + np.linspace(0, 1, ORDERS))
    table = np.ones((ORDERS, terms))
    for term in range(1, terms):
        table[:, term] = table[:, term - 1] * (term - 1 - order) / term
    table[:, -1] = -table[:, :-1].sum(axis=1)
    return table


@loop
def weights_for(asymmetry: float, table: np.ndarray, weights: np.ndarray) -> None:
    """Write the coefficients for a phase asymmetry, interpolated between two orders of the table."""
    place = asymmetry * asymmetry * (table.shape[0] - 1)
    lower = min(int(place), table.shape[0] - 2)
    share = place - lower
    for term in range(table.shape[1]):
        weights[term] = table[lower, term] + share * (table[lower + 1, term] - table[lower, term])


@loop(parallel=True)
def fractional_differences(stack: np.ndarray, asymmetry: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return the differences to pixels above and to the left: (2, frames, axial, lateral)."""
    frames, height, width = stack.shape
    result = np.zeros((2, frames, height, width))
    for task in prange(frames * height):
        frame, row = task // height, task % height
        weights = np.empty(table.shape[1])
        for column in range(width):
            weights_for(asymmetry[frame, row, column], table, weights)
            down, right = 0.0, 0.0
            for term in range(table.shape[1]):
                down += weights[term] * stack[frame, mirror(row - term, height), column]
                right += weights[term] * stack[frame, row, mirror(column - term, width)]
            result[0, frame, row, column], result[1, frame, row, column] = down, right
    return result


@loop(parallel=True)
def descend(
    observed: np.ndarray,
    current: np.ndarray,
    asymmetry: np.ndarray,
    differences: np.ndarray,
    table: np.ndarray,
    contrast: float,
    fidelity: float,
    time_step: float,
) -> np.ndarray:
    """Return the image one step later."""
    frames, height, width = current.shape
    result = np.empty_like(current)
    square = contrast * contrast
    for task in prange(frames * height):
        frame, row = task // height, task % height
        weights = np.empty(table.shape[1])
        for column in range(width):
            here = asymmetry[frame, row, column]
            weights_for(here, table, weights)
            variation, diffusion = 0.0, 0.0
            for axis in range(2):
                for term in range(table.shape[1]):
                    i = mirror(row + term, height) if axis == 0 else row
                    j = column if axis == 0 else mirror(column + term, width)
                    down, right = differences[0, frame, i, j], differences[1, frame, i, j]
                    length = down * down + right * right
                    gain = 1 + 254 * asymmetry[frame, i, j]
                    flow = weights[term] * (down if axis == 0 else right)
                    variation += flow / np.sqrt(length + EPSILON)
                    diffusion += flow * square / (square + gain * gain * length)
            force = here * (2 - here) * variation + (1 - here) ** 2 * diffusion
            force += fidelity * (current[frame, row, column] - observed[frame, row, column])
            result[frame, row, column] = current[frame, row, column] - time_step * force
    return result
