"""Training with a blind spot: some pixels are masked, and the loss is taken on them alone."""

from dataclasses import dataclass

import numpy as np
import torch

from usbench.core.rng import generator
from usbench.training.contracts import Pair

from ..pix2pix.pairs import Source
from ..pix2pix.regression import Regression, Terms

BOX = 8  # pixels; one pixel of each box is masked, which is 1.6 %: 64 in the paper's crops of 64 x 64
REACH = 2  # pixels; a masked one takes the value of another in the 5 x 5 around it


def blind_spots(shape: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the flat index of the pixel that each takes its value from, (H, W), and the mask, boolean (H, W).

    A masked pixel is replaced by one that is not masked, so that no masked value is left anywhere in the input.
    """
    hidden = np.zeros(shape, bool)
    for top in range(0, shape[0], BOX):
        for left in range(0, shape[1], BOX):
            box = hidden[top : top + BOX, left : left + BOX]
            box[tuple(rng.integers(box.shape))] = True
    places = np.arange(hidden.size).reshape(shape)
    waiting = np.argwhere(hidden)
    while len(waiting):
        chosen = waiting + rng.integers(-REACH, REACH + 1, waiting.shape)
        inside = np.asarray(((chosen >= 0) & (chosen < shape)).all(axis=1))
        fits = inside & ~hidden[tuple(np.where(inside[:, None], chosen, waiting).T)]
        places[tuple(waiting[fits].T)] = np.ravel_multi_index(tuple(chosen[fits].T), shape)
        waiting = waiting[~fits]
    return places, hidden


@dataclass
class BlindSpotPairs:
    """Pairs of (a speckled image with masked pixels, and the mask; the image). No clean image is used."""

    pairs: Source

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`: (2, H, W) and (H, W)."""
        speckled, _ = self.pairs(index)
        places, hidden = blind_spots(speckled.shape, generator("noise2void", index))
        return np.stack([speckled.ravel()[places], hidden.astype(np.float32)]), speckled


class BlindSpotRegression(Regression):
    """A regression whose loss is taken over the masked pixels alone."""

    def terms(self, source: torch.Tensor, target: torch.Tensor, progress: float) -> Terms:
        """Return the mean square error over the masked pixels."""
        image, hidden = source.split(1, 1)
        made = self.networks["generator"](image).float()
        return {"l2": (self.objective.l2, hidden_error(made, target, hidden))}


def hidden_error(made: torch.Tensor, target: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    """Return the mean square error over the hidden pixels, whose mask is 1."""
    return (hidden * (made - target) ** 2).sum() / hidden.sum()
