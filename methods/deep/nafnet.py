"""NAFNet: a U-Net without activation functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SUPERVISED, DeepDespeckler

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class NafNet(DeepDespeckler):
    r"""A U-Net whose blocks multiply two halves of their channels instead of using an activation function.

    .. math:: \hat x = y + F(y), \qquad \min_F \; 10 \log_{10} \overline{(\hat x - x)^2}

    Each block is a gated depthwise convolution with channel attention, followed by a gated layer,
    :math:`g(a, b) = a \odot b`. The attention averages over the whole image, so the receptive field is the image.

    References
    ----------
    Chen, Chu, Zhang, Sun, "Simple baselines for image restoration", ECCV 2022, LNCS 13667:17-33.
    """

    name = "nafnet"
    card = TrainedCard(
        MethodCard,
        title="NAFNet, small",
        family=SUPERVISED,
        citation="Chen et al., ECCV 2022, LNCS 13667:17-33",
        doi="10.1007/978-3-031-20071-7_2",
        note="The paper's blocks and loss (PSNR) at 16 channels and 12 blocks, where the paper has 32 or 64 channels "
        "and 36 blocks; data and optimiser are those of gan-d-short.",
    )
    sizes: ClassVar = {"width": 16, "inner_blocks": 4}
    loss: ClassVar = {"psnr": 1.0}

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        from .networks.nafnet import NafNetNetwork

        return NafNetNetwork(int(about["width"]), (1, 1, 1, int(about["inner_blocks"])), 1, (1, 1, 1, 1))
