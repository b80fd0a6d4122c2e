"""Noise2Void: a blind spot prevents the network from learning the identity."""

from dataclasses import dataclass
from typing import Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SELF_SUPERVISED
from .unet import Unet


@dataclass(frozen=True)
class Noise2Void(Unet):
    r"""The U-Net of `unet`, trained to predict masked pixels of a speckled image.

    .. math:: \min_U \; \operatorname*{mean}_{i \in M} (U(\tilde y)_i - y_i)^2

    :math:`M` has one pixel of each 8 x 8 box, and :math:`\tilde y` is the image in which each of these is replaced by a
    neighbour. Independent noise cannot be predicted from other pixels, but its mean can. Speckle wider than a pixel
    can be predicted as well, and is kept.

    References
    ----------
    Krull, Buchholz, Jug, "Noise2Void: learning denoising from single noisy images", CVPR 2019, pp. 2129-2137.
    """

    name = "noise2void"
    card = TrainedCard(
        MethodCard,
        title="Noise2Void",
        family=SELF_SUPERVISED,
        citation="Krull, Buchholz, Jug, CVPR 2019, pp. 2129-2137",
        doi="10.1109/CVPR.2019.00223",
        note="The network of unet on the speckled halves of the pairs of gan-d-short and on real B-mode alone. Made "
        "for noise that is independent from pixel to pixel, which speckle on a display is not.",
    )
    loss: ClassVar = {"l2": 1.0}

    @classmethod
    def training(cls) -> dict[str, Any]:
        """Return what `deep_recipe` needs beside the network."""
        from .blind_spot import BlindSpotPairs, BlindSpotRegression

        return {"task": BlindSpotRegression, "pairs": BlindSpotPairs, "takes_real": True}
