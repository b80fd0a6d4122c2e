"""Noise2Noise: trained on pairs of speckled images, without a clean one."""

from dataclasses import dataclass
from typing import Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SELF_SUPERVISED
from .unet import Unet


@dataclass(frozen=True)
class Noise2Noise(Unet):
    r"""The U-Net of `unet`, trained to predict one look at a scene from another, and therefore their mean.

    .. math:: \min_U \; \overline{(U(y_1) - y_2)^2}, \qquad y_1, y_2 \sim p(y \mid x) \text{ independent}

    Only the mean :math:`E[y \mid x]` of the second look can be predicted, so the network learns it. The references of
    `rayleigh` and `varied` are the same mean. Both looks are simulated with one scanner on one crop.

    References
    ----------
    Lehtinen, Munkberg, Hasselgren, Laine, Karras, Aittala, Aila, "Noise2Noise: learning image restoration without clean
    data", ICML 2018, PMLR 80:2965-2974.
    """

    name = "noise2noise"
    card = TrainedCard(
        MethodCard,
        title="Noise2Noise",
        family=SELF_SUPERVISED,
        citation="Lehtinen et al., ICML 2018, PMLR 80:2965-2974",
        doi="10.48550/arXiv.1803.04189",
        note="The network of unet on two simulated looks at each crop of gan-d-short, without clean images. A scanner "
        "that moves between looks gives such pairs; one that does not move repeats its speckle.",
    )
    loss: ClassVar = {"l2": 1.0}

    @classmethod
    def training(cls) -> dict[str, Any]:
        """Return what `deep_recipe` needs beside the network."""
        from .looks import TwoLooks

        return {"pairs": TwoLooks}
