"""Probabilistic patch-based filter."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import ONE, QUARTER, TWO, ZERO, exp32, log32, mirrored
from .patches import SIDE, patch_sums
from .stack import StackMethod
from .window import OddSize

DARKEST = np.float32(1e-4)  # envelope; 80 dB below the brightest
STRIP = 32  # rows whose weights are summed together
DRAWS = 20_000  # random patches of pure speckle, which determine the scale of the weights


@dataclass(frozen=True)
class Ppb(StackMethod):
    r"""Weighted maximum likelihood, with the probability that two patches have the same reflectivity as weights.

    .. math:: R_p = \frac{\sum_q w_{pq} A_q^2}{\sum_q w_{pq}}, \quad w_{pq} = \exp\left(- \sum_{d \in P} \left[
        \frac{2L - 1}{h} \log\left(\frac{A_{p+d}}{A_{q+d}} + \frac{A_{q+d}}{A_{p+d}}\right)
        + \frac{L}{T |P|} \frac{(R'_{p+d} - R'_{q+d})^2}{R'_{p+d} R'_{q+d}} \right]\right)

    with :math:`A` the envelope, :math:`R'` the estimate of the previous iteration (absent in the first) and :math:`h`
    the distance, in pure speckle, of the :math:`\alpha` quantile of the first sum from its mean. The result is
    :math:`\sqrt{R}`, the root mean square of the envelope, which is 1.05 dB above the mean in fully developed speckle.
    A pixel itself gets the greatest weight of the others, as in the authors' program: with weight 1 it would keep its
    own speckle wherever patches differ. :math:`\log 2` per pixel is subtracted from the first sum, which does not
    change ratios of weights. That the second sum is a mean over the patch is our reading. Borders are mirrored.

    Parameters
    ----------
    search, patch
        Height and width of the search window and of the patch in pixels, odd; 21 and 7 in the paper.
    looks
        :math:`L`; 1 for the envelope of fully developed speckle.
    alpha
        :math:`\alpha`; 0.92 in the paper.
    temperature
        :math:`T`; 0.2 in the paper.
    iterations
        Number of iterations; 1 is the non-iterative filter, and the paper's iterative one has 25.

    References
    ----------
    Deledalle, Denis, Tupin, "Iterative weighted maximum likelihood denoising with probabilistic patch-based weights",
    IEEE Trans. Image Process. 18(12):2661-2672, 2009.
    """

    name = "ppb"
    version = "2"
    card = MethodCard(
        title="Probabilistic patch-based filter",
        family="patches",
        citation="Deledalle, Denis, Tupin, IEEE Trans. Image Process. 18(12):2661-2672, 2009",
        doi="10.1109/TIP.2009.2029593",
        domain="envelope",
        note="The number of iterations is ours (4); the paper's is 25.",
        default_from={
            "search": "paper",
            "patch": "paper",
            "looks": "model",
            "alpha": "paper",
            "temperature": "paper",
            "iterations": "ours",
        },
    )
    space = over(patch=Whole(3, 9, step=2), alpha=Real(0.6, 0.99), temperature=Real(0.05, 5, log=True))

    search: OddSize = 21
    patch: OddSize = 7
    looks: Annotated[float, Field(gt=0.5, le=100)] = 1.0
    alpha: Annotated[float, Field(gt=0.5, lt=1)] = 0.92
    temperature: Annotated[float, Field(gt=0)] = 0.2
    iterations: Annotated[int, Field(ge=1, le=100)] = 4

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter envelope images."""
        reach, patch = self.search // 2, self.patch // 2
        observed = mirrored(np.maximum(stack, DARKEST) ** 2, reach + patch)
        likelihood = (2 * self.looks - 1) / quantile_distance(self.patch, self.looks, self.alpha)
        fidelity = self.looks / (self.temperature * self.patch**2)
        estimate = np.ones_like(observed)
        for _ in range(self.iterations):
            found = ppb.given(SIDE=self.patch)(observed, estimate, reach, likelihood, fidelity)
            estimate = mirrored(found, reach + patch)
        return np.sqrt(found)


@lru_cache(maxsize=32)
def quantile_distance(patch: int, looks: float, alpha: float) -> float:
    """Return h, the distance of the alpha quantile of the first sum above its mean in pure speckle."""
    rng = np.random.default_rng(0)
    sums = np.zeros(DRAWS)
    for _ in range(patch * patch):
        first, second = rng.gamma(looks, size=(2, DRAWS))
        sums += (2 * looks - 1) * np.log(np.sqrt(first / second) + np.sqrt(second / first))
    return float(np.quantile(sums, alpha) - sums.mean())


@loop(parallel=True)
def ppb(observed: np.ndarray, estimate: np.ndarray, reach: int, likelihood: float, fidelity: float) -> np.ndarray:
    """Return the reflectivity; observation and previous estimate are padded by `reach + SIDE // 2` pixels."""
    patch = SIDE // 2
    margin, side = reach + patch, 2 * reach + 1
    frames = observed.shape[0]
    height, width = observed.shape[1] - 2 * margin, observed.shape[2] - 2 * margin
    wide = width + 2 * patch
    half, prior = np.float32(0.5 * likelihood), np.float32(fidelity)
    result = np.empty((frames, height, width), np.float32)
    strips = (height + STRIP - 1) // STRIP
    for task in prange(frames * strips):
        frame, start = task // strips, task % strips * STRIP
        rows = min(STRIP, height - start)
        plane, before = observed[frame], estimate[frame]
        total, weights = np.zeros((rows, width), np.float32), np.zeros((rows, width), np.float32)
        greatest = np.zeros((rows, width), np.float32)
        distances = np.empty((rows + 2 * patch, wide), np.float32)
        columns, distance = np.empty(wide, np.float32), np.empty(width, np.float32)
        for displacement in range(side * side):
            down, right = displacement // side - reach, displacement % side - reach
            if down == 0 and right == 0:
                continue
            for row in range(rows + 2 * patch):
                near = plane[start + row + reach, reach : reach + wide]
                far = plane[start + row + reach + down, reach + right : reach + right + wide]
                near_before = before[start + row + reach, reach : reach + wide]
                far_before = before[start + row + reach + down, reach + right : reach + right + wide]
                target = distances[row]
                for column in range(wide):
                    ratio = near[column] / far[column]
                    other = ONE / ratio
                    relative = near_before[column] / far_before[column]
                    # log((a/b + b/a)^2 / 4) = log((r + 1/r + 2) / 4) of the ratio r of intensities
                    grown = (ratio + other + TWO) * QUARTER
                    target[column] = half * log32(grown) + prior * (relative + ONE / relative - TWO)
            for row in range(rows):
                patch_sums(distances[row : row + SIDE], columns, distance)
                far = plane[start + row + margin + down, margin + right : margin + right + width]
                sums, norms, most = total[row], weights[row], greatest[row]
                for column in range(width):
                    weight = exp32(-distance[column])
                    sums[column] += weight * far[column]
                    norms[column] += weight
                    most[column] = max(most[column], weight)
        for row in range(rows):
            own = plane[start + row + margin, margin : margin + width]
            for column in range(width):
                weight = greatest[row, column] if greatest[row, column] > ZERO else ONE
                summed = total[row, column] + weight * own[column]
                result[frame, start + row, column] = summed / (weights[row, column] + weight)
    return result
