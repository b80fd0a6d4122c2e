"""Optimised Bayesian non-local means."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.errors import UsageError
from usbench.core.method import MethodCard
from usbench.core.search_space import Real, Whole, over
from usbench.runtime.numba_loops import loop, prange

from .arithmetic import ONE, ZERO, exp32, mirrored
from .non_local import non_local_mean
from .patches import SIDE, patch_sums, row_sums
from .stack import StackMethod
from .window import OddSize

GREY_LEVELS, OFFSET = 255.0, 100.0  # the author's grey scale: 0 to 255, plus 100 so that black has a finite distance
STRIP = 32  # rows whose weights are summed together


@dataclass(frozen=True)
class Obnlm(StackMethod):
    r"""Non-local means with the Pearson distance of ultrasound's noise model :math:`x = s + s^\gamma n`.

    .. math:: w_{pq} = \exp\left(-\frac{1}{h^2} \frac{1}{|P|} \sum_{d \in P}
        \frac{(x_{p+d} - x_{q+d})^2}{x_{q+d}^{2 \gamma}}\right)

    on grey values of 0 to 255 plus 100. The pixel's own weight is the greatest of the others. Weights below e^-80 are
    0, and if all are, the pixel is kept. In the blockwise form a whole patch is restored at every `block_step`-th pixel
    of both axes, and each pixel is the mean of the patches that contain it. In the pixelwise form only the centre is
    restored. Borders are mirrored. Blocks are not preselected by their moments.

    Parameters
    ----------
    search, patch
        Height and width of the search window and of the patch in pixels, odd; 15 and 7 are the author's.
    h
        Filter strength; 0.7 is the author's.
    gamma
        :math:`\gamma`; 0.5 is the author's.
    block_step
        Distance of restored patches in pixels, at most `patch // 2 + 1`; 2 in the paper. 0 is the pixelwise form.

    References
    ----------
    Coupe, Hellier, Kervrann, Barillot, "Nonlocal means-based speckle filtering for ultrasound images", IEEE Trans.
    Image Process. 18(10):2221-2229, 2009.
    """

    name = "obnlm"
    card = MethodCard(
        title="Optimised Bayesian non-local means",
        family="patches",
        citation="Coupe, Hellier, Kervrann, Barillot, IEEE Trans. Image Process. 18(10):2221-2229, 2009",
        doi="10.1109/TIP.2009.2024064",
        licence="Apache-2.0 (code); patented, WO/2009/133307: commercial use may need a licence from its holders",
        note="Patent notice: the method is the subject of WO/2009/133307.",
        default_from={
            "search": "authors' code",
            "patch": "authors' code",
            "h": "authors' code",
            "gamma": "authors' code",
            "block_step": "paper",
        },
    )
    space = over(patch=Whole(3, 9, step=2), h=Real(0.2, 10, log=True))

    search: OddSize = 15
    patch: OddSize = 7
    h: Annotated[float, Field(gt=0, le=100)] = 0.7
    gamma: Annotated[float, Field(ge=0, le=1)] = 0.5
    block_step: Annotated[int, Field(ge=0, le=50)] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.block_step > self.patch // 2 + 1:
            message = f"Obnlm: block_step={self.block_step} leaves pixels between patches of {self.patch}; "
            raise UsageError(message + f"at most {self.patch // 2 + 1} is possible.")

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter display images."""
        reach, patch = self.search // 2, self.patch // 2
        padded = mirrored(stack * np.float32(GREY_LEVELS) + np.float32(OFFSET), reach + patch)
        inverse = padded ** np.float32(-2 * self.gamma)
        scale = -1 / (self.h**2 * self.patch**2)
        if self.block_step:
            restored = blockwise.given(SIDE=self.patch)(padded, inverse, reach, scale, self.block_step)
        else:
            restored = non_local_mean.given(SIDE=self.patch, PEARSON=True)(padded, inverse, reach, scale)
        return (restored - np.float32(OFFSET)) / np.float32(GREY_LEVELS)


@loop
def pearson(
    plane: np.ndarray,
    inverse: np.ndarray,
    top: int,
    rows: int,
    wide: int,
    reach: int,
    down: int,
    right: int,
    squares: np.ndarray,
) -> None:
    """Write the squared differences of `rows` rows from the displaced ones, over the noise variance of the latter."""
    for row in range(rows):
        near = plane[top + row + reach, reach : reach + wide]
        far = plane[top + row + reach + down, reach + right : reach + right + wide]
        noise = inverse[top + row + reach + down, reach + right : reach + right + wide]
        target = squares[row]
        for column in range(wide):
            difference = near[column] - far[column]
            target[column] = difference * difference * noise[column]


@loop(parallel=True)
def blockwise(padded: np.ndarray, inverse: np.ndarray, reach: int, exponent: float, step: int) -> np.ndarray:
    """Return the blockwise estimate; `padded` is padded by `reach + SIDE // 2` pixels.

    There are two passes over all displacements. The first sums the weights of each patch. The second sums, for each
    pixel, the normalised weights of the patches that contain it, and the displaced pixels with these weights.
    """
    patch = SIDE // 2
    margin = reach + patch
    frames = padded.shape[0]
    height, width = padded.shape[1] - 2 * margin, padded.shape[2] - 2 * margin
    wide = width + 2 * patch
    scale = np.float32(exponent)
    result = np.empty((frames, height, width), np.float32)
    strips = (height + STRIP - 1) // STRIP
    on_grid = np.zeros(width, np.float32)
    on_grid[::step] = ONE
    for task in prange(frames * strips):
        frame, start = task // strips, task % strips * STRIP
        stop = min(start + STRIP, height)
        plane, noise = padded[frame], inverse[frame]
        first = (max(start - patch, 0) + step - 1) // step * step  # rows of patches that reach into the strip
        last = min(stop - 1 + patch, height - 1) // step * step
        blocks = (last - first) // step + 1
        tall = last - first + SIDE
        norms, greatest = np.zeros((blocks, width), np.float32), np.zeros((blocks, width), np.float32)
        squares = np.empty((tall, wide), np.float32)
        columns, distance = np.empty(wide, np.float32), np.empty(width, np.float32)
        shares = np.zeros((blocks, width + 2 * patch), np.float32)
        total, held = np.zeros((stop - start, width), np.float32), np.zeros((stop - start, width), np.float32)
        line = np.empty(width, np.float32)
        count = (2 * reach + 1) ** 2
        for turn in range(2 * count):
            displacement = turn % count
            down, right = displacement // (2 * reach + 1) - reach, displacement % (2 * reach + 1) - reach
            itself = down == 0 and right == 0
            if turn == count:
                for block in range(blocks):
                    for column in range(width):
                        greatest[block, column] = greatest[block, column] if greatest[block, column] > ZERO else ONE
                        norms[block, column] = on_grid[column] / (norms[block, column] + greatest[block, column])
            if itself and turn < count:
                continue
            if not itself:
                pearson(plane, noise, first, tall, wide, reach, down, right, squares)
            for block in range(blocks):
                norm, most, share = norms[block], greatest[block], shares[block, patch : patch + width]
                if not itself:
                    patch_sums(squares[block * step : block * step + SIDE], columns, distance)
                if turn < count:
                    for column in range(width):
                        weight = exp32(scale * distance[column])
                        norm[column] += weight
                        most[column] = max(most[column], weight)
                elif itself:
                    for column in range(width):
                        share[column] = most[column] * norm[column]
                else:
                    for column in range(width):
                        share[column] = exp32(scale * distance[column]) * norm[column]
            if turn >= count:
                for row in range(start, stop):
                    lowest = (max(row - patch, 0) + step - 1) // step * step
                    columns[:] = ZERO
                    for centre in range(lowest, min(row + patch, height - 1) + 1, step):
                        share = shares[(centre - first) // step]
                        for column in range(wide):
                            columns[column] += share[column]
                    row_sums(columns, line)
                    far = plane[row + margin + down, margin + right : margin + right + width]
                    sums, weights = total[row - start], held[row - start]
                    for column in range(width):
                        sums[column] += line[column] * far[column]
                        weights[column] += line[column]
        for row in range(start, stop):
            for column in range(width):
                result[frame, row, column] = total[row - start, column] / held[row - start, column]
    return result
