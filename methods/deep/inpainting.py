"""Training on images with hidden blocks: the loss is taken on the blocks alone."""

from dataclasses import dataclass

import numpy as np
import torch

from usbench.core.rng import generator
from usbench.training.contracts import Pair

from ..pix2pix.pairs import Source
from ..pix2pix.regression import Regression, Terms
from .blind_spot import hidden_error
from .networks.inpainting import hidden_blocks

SIDES = (8, 16)  # pixels; of a block: wider than most grains


@dataclass
class HiddenBlockPairs:
    """Pairs of (a speckled image with hidden blocks, and the mask; the image). No clean image is used."""

    pairs: Source

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`: (2, H, W) and (H, W)."""
        speckled, _ = self.pairs(index)
        rng = generator("mask2restore", index)
        side = int(rng.integers(*SIDES, endpoint=True))
        top, left = (int(shift) for shift in rng.integers(2 * side, size=2))
        height, width = speckled.shape
        hidden = hidden_blocks(height, width, side, top, left).numpy()
        return np.stack([speckled * ~hidden, hidden.astype(np.float32)]), speckled


class InpaintingRegression(Regression):
    """A regression whose loss is taken over the hidden blocks alone."""

    def terms(self, source: torch.Tensor, target: torch.Tensor, progress: float) -> Terms:
        """Return the mean square error over the hidden blocks."""
        hidden = source[:, 1:]
        made = self.networks["generator"](source).float()
        return {"l2": (self.objective.l2, hidden_error(made, target, hidden))}
