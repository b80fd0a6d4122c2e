"""Neighbor2Neighbor: trained on pairs of half-size images made of neighbouring pixels of one speckled image."""

from dataclasses import dataclass
from typing import Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SELF_SUPERVISED
from .unet import Unet


@dataclass(frozen=True)
class Neighbor2Neighbor(Unet):
    r"""The U-Net of `unet`, trained to predict one half-size image of neighbouring pixels from another.

    .. math:: \min_U \; \overline{(U(g_1 y) - g_2 y)^2}
              + \gamma \, \overline{(U(g_1 y) - g_2 y - (g_1 U(y) - g_2 U(y)))^2}

    In each 2 x 2 cell :math:`g_1` and :math:`g_2` pick two neighbours at random, which show almost the same scene. The
    difference that they should have is taken from the network's output on the whole image, without gradient.
    :math:`\gamma` grows from 0 to 2 over the training. Speckle wider than a pixel is the same in both and is kept.

    References
    ----------
    Huang, Li, Jia, Lu, Liu, "Neighbor2Neighbor: self-supervised denoising from single noisy images", CVPR 2021,
    pp. 14781-14790.
    """

    name = "neighbor2neighbor"
    card = TrainedCard(
        MethodCard,
        title="Neighbor2Neighbor",
        family=SELF_SUPERVISED,
        citation="Huang et al., CVPR 2021, pp. 14781-14790",
        doi="10.1109/CVPR46437.2021.01454",
        note="The network of unet on the speckled halves of the pairs of gan-d-short and on real B-mode alone. Made "
        "for noise that is independent from pixel to pixel, which speckle on a display is not.",
    )
    loss: ClassVar = {"l2": 1.0}

    @classmethod
    def training(cls) -> dict[str, Any]:
        """Return what `deep_recipe` needs beside the network."""
        from .neighbors import NeighborPairs, NeighborRegression

        return {"task": NeighborRegression, "pairs": NeighborPairs, "takes_real": True}
