"""Training on single speckled images at several scales."""

from dataclasses import dataclass
from itertools import combinations

import torch
from torch.nn.functional import interpolate, l1_loss

from usbench.training.contracts import Pair

from ..pix2pix.pairs import Source
from ..pix2pix.regression import Regression, Terms
from .networks.speckle2self import SCALES

CONSISTENCY = 1.0  # weight of the second loss


@dataclass
class SingleImages:
    """Pairs (speckled, the same image). No clean image is used."""

    pairs: Source

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`; the image is the input of the supervised networks."""
        speckled, _ = self.pairs(index)
        return speckled, speckled


class ScaleRegression(Regression):
    """The generator reproduces an image and its coarser versions, and is to give the same result for all."""

    def terms(self, source: torch.Tensor, target: torch.Tensor, progress: float) -> Terms:
        """Return how far each result is from its input, and how far the results are from each other."""
        versions = coarser(source)
        made = self.networks["generator"](versions).float()
        apart = [l1_loss(first, second) for first, second in combinations(made.unbind(1), 2)]
        return {
            "l2": (self.objective.l2, SCALES * ((made - versions) ** 2).mean()),
            "consistency": (CONSISTENCY, torch.stack(apart).sum()),
        }


def coarser(image: torch.Tensor) -> torch.Tensor:
    """Return an image and its versions reduced to 1/2 and 1/4 and enlarged again, (B, 3, H, W)."""
    height, width = image.shape[2:]
    versions = [image]
    for scale in range(1, SCALES):
        smaller = max(1, height >> scale), max(1, width >> scale)
        coarse = interpolate(image, smaller, mode="bilinear", align_corners=False)
        versions.append(interpolate(coarse, (height, width), mode="bilinear", align_corners=False))
    return torch.cat(versions, 1)
