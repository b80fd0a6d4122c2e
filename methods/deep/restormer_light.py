"""Restormer, small enough to be trained on a CPU."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SUPERVISED, DeepDespeckler

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class RestormerLight(DeepDespeckler):
    r"""A U-Net of transformer blocks with attention over channels, whose cost is linear in the number of pixels.

    .. math:: \hat x = y + F(y), \qquad
              A(Q, K, V) = V \, \mathrm{softmax}(K^T Q \cdot \alpha), \qquad \min_F \; \overline{|\hat x - x|}

    :math:`Q`, :math:`K` and :math:`V` are features of all pixels; those of :math:`Q` and :math:`K` have unit length.
    The attention matrix has one row and one column per channel. The receptive field is the whole image.

    References
    ----------
    Zamir, Arora, Khan, Hayat, Khan, Yang, "Restormer: efficient transformer for high-resolution image restoration",
    CVPR 2022, pp. 5728-5739.
    """

    name = "restormer-light"
    card = TrainedCard(
        MethodCard,
        title="Restormer, light",
        family=SUPERVISED,
        citation="Zamir et al., CVPR 2022, pp. 5728-5739",
        doi="10.1109/CVPR52688.2022.00564",
        note="The paper's blocks and loss (L1) at half resolution (2 x 2 pixels become channels), 8 channels and 1, "
        "2, 2 and 4 blocks, where the paper has full resolution, 48 channels and 4, 6, 6 and 8 blocks; data and "
        "optimiser are those of gan-d-short.",
    )
    sizes: ClassVar = {"width": 8, "inner_blocks": 4, "fold": 2}
    loss: ClassVar = {"l1": 1.0}

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        from .networks.restormer import RestormerNetwork

        return RestormerNetwork(int(about["width"]), (1, 2, 2, int(about["inner_blocks"])), 1, fold=int(about["fold"]))
