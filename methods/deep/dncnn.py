"""DnCNN: a chain of convolutions that predicts the noise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SUPERVISED, DeepDespeckler

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class DnCnn(DeepDespeckler):
    r"""A chain of 3 x 3 convolutions with batch normalisation predicts the noise, which is subtracted from the image.

    .. math:: \hat x = y - R(y), \qquad \min_R \; \overline{\|R(y) - (y - x)\|^2}

    The paper has 17 convolutions of 64 channels; the receptive field is 35 x 35 pixels. The display image is
    logarithmic in the envelope, so speckle is additive in it.

    References
    ----------
    Zhang, Zuo, Chen, Meng, Zhang, "Beyond a Gaussian denoiser: residual learning of deep CNN for image denoising", IEEE
    Trans. Image Process. 26(7):3142-3155, 2017.
    """

    name = "dncnn"
    card = TrainedCard(
        MethodCard,
        title="DnCNN",
        family=SUPERVISED,
        citation="Zhang et al., IEEE TIP 26(7):3142-3155, 2017",
        doi="10.1109/TIP.2017.2662206",
        note="The paper's loss and its 17 layers at 16 channels, where the paper has 64 (556,097 parameters); data and "
        "optimiser are those of gan-d-short.",
    )
    sizes: ClassVar = {"depth": 17, "width": 16}
    loss: ClassVar = {"l2": 1.0}

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        from .networks.dncnn import DnCnnNetwork

        return DnCnnNetwork(int(about["depth"]), int(about["width"]))
