"""Training on two half-size images made of neighbouring pixels of one speckled image."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import avg_pool2d, mse_loss

from usbench.core.rng import generator
from usbench.training.contracts import Pair

from ..pix2pix.pairs import Source
from ..pix2pix.regression import Regression, Terms

CELL = 2
GROWTH = 2.0  # final weight of the second loss
AROUND = np.array([0, 1, 3, 2])  # pixels of a cell (in reading order) clockwise, so that each is beside the one before


def neighbors(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return marks (H, W): in each whole 2 x 2 cell one pixel is 1, one beside it 2, and the others 0."""
    rows, columns = (extent // CELL for extent in shape)
    start = rng.integers(4, size=(rows, columns))
    turn = rng.choice([1, 3], size=(rows, columns))
    cells = np.zeros((rows, columns, 4), np.float32)
    for mark, corner in ((1, start), (2, (start + turn) % 4)):
        np.put_along_axis(cells, AROUND[corner][..., None], mark, 2)
    marks = np.zeros(shape, np.float32)
    whole = cells.reshape(rows, columns, CELL, CELL).swapaxes(1, 2).reshape(CELL * rows, CELL * columns)
    marks[: CELL * rows, : CELL * columns] = whole
    return marks


@dataclass
class NeighborPairs:
    """Pairs of (a speckled image, and marks of its two halves; the image). No clean image is used."""

    pairs: Source

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`: (2, H, W) and (H, W)."""
        speckled, _ = self.pairs(index)
        return np.stack([speckled, neighbors(speckled.shape, generator("neighbor2neighbor", index))]), speckled


class NeighborRegression(Regression):
    """The generator predicts one half of an image's pixels from the other."""

    def terms(self, source: torch.Tensor, target: torch.Tensor, progress: float) -> Terms:
        """Return the error of the prediction, and its deviation from the difference in the output for the image."""
        generator = self.networks["generator"]
        image, marks = source.split(1, 1)
        first, second = (marked(image, marks, number) for number in (1, 2))
        with torch.no_grad():
            whole = generator(image).float()
        expected = marked(whole, marks, 1) - marked(whole, marks, 2)
        apart = generator(first).float() - second
        return {
            "l2": (self.objective.l2, (apart**2).mean()),
            "difference": (GROWTH * progress, mse_loss(apart, expected)),
        }


def marked(image: torch.Tensor, marks: torch.Tensor, number: int) -> torch.Tensor:
    """Return the half-size image of the pixels with this mark, one per cell."""
    return CELL**2 * avg_pool2d(image * (marks == number), CELL)
