"""Training of IR-SDE on states between clean and speckled images."""

from dataclasses import dataclass

import numpy as np
import torch

from usbench.core.rng import generator
from usbench.training.contracts import Pair

from ..pix2pix.pairs import Source
from ..pix2pix.regression import Regression
from .mean_reverting_sde import draw, level, state

STEPS = 10


@dataclass
class StatePairs:
    """Pairs of (a state at a random time, the speckled image and the noise level; the clean image)."""

    pairs: Source

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`: (3, H, W) and (H, W). The state may leave [0, 1]."""
        speckled, clean = self.pairs(index)
        rng = generator("ir-sde", index)
        time = 1 - rng.random()
        now = state(clean, speckled, rng.standard_normal(clean.shape, np.float32), time)
        return np.stack([now, speckled, np.full_like(speckled, level(time))]).astype(np.float32), clean


class StateRegression(Regression):
    """A regression on states, whose estimate takes all reverse steps."""

    @torch.no_grad()
    def estimate(self, source: torch.Tensor) -> torch.Tensor:
        """Return one draw for each speckled image (B, 1, H, W); the mean of several would have a lower error."""
        return torch.cat([draw(self.networks["average"], image, STEPS, draws=1, seed=0) for image in source.split(1)])
