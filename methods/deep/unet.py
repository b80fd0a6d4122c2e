"""U-Net, as the paper has it and as a residual."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SUPERVISED, DeepDespeckler

if TYPE_CHECKING:
    from torch import nn

CITATION, DOI = "Ronneberger, Fischer, Brox, MICCAI 2015, LNCS 9351:234-241", "10.1007/978-3-319-24574-4_28"


@dataclass(frozen=True)
class Unet(DeepDespeckler):
    r"""An encoder of five levels, and a decoder with a skip connection from each level.

    .. math:: \hat x = U(y), \qquad \min_U \; \overline{|\hat x - x|}

    Convolutions are padded, so that the image keeps its size; the paper's are not. The receptive field is up to
    204 x 204 pixels.

    References
    ----------
    Ronneberger, Fischer, Brox, "U-Net: convolutional networks for biomedical image segmentation", MICCAI 2015, LNCS
    9351:234-241.
    """

    name = "unet"
    card = TrainedCard(
        MethodCard,
        title="U-Net",
        family=SUPERVISED,
        citation=CITATION,
        doi=DOI,
        note="The paper's network at 16 channels, where the paper has 64; made for segmentation, here with an L1 loss. "
        "Data and optimiser are those of gan-d-short.",
    )
    sizes: ClassVar = {"width": 16}
    loss: ClassVar = {"l1": 1.0}
    residual: ClassVar[bool] = False

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        from .networks.unet import UnetNetwork

        return UnetNetwork(int(about["width"]), cls.residual)


@dataclass(frozen=True)
class UnetResidual(Unet):
    r"""The U-Net of `unet`, which predicts a residual that is added to the image.

    .. math:: \hat x = y + U(y), \qquad \min_U \; \overline{|\hat x - x|}

    References
    ----------
    Ronneberger, Fischer, Brox, "U-Net: convolutional networks for biomedical image segmentation", MICCAI 2015, LNCS
    9351:234-241; the residual is that of DnCNN (Zhang et al., IEEE Trans. Image Process. 26(7):3142-3155, 2017).
    """

    name = "unet-residual"
    card = TrainedCard(
        MethodCard,
        title="U-Net, residual",
        family=SUPERVISED,
        citation=CITATION,
        doi=DOI,
        note="As unet, but its output is added to the image.",
    )
    residual = True
