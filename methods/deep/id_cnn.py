"""ID-CNN: predicts the speckle and divides the image by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SUPERVISED, DeepDespeckler

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class IdCnn(DeepDespeckler):
    r"""Eight convolutions predict multiplicative speckle, by which the image is divided.

    .. math:: \hat x = \tanh\!\left(\frac{y}{S(y)}\right), \qquad
              \min_S \; \overline{(\hat x - x)^2} + 0.002 \, \overline{|\nabla \hat x|}

    The receptive field is 17 x 17 pixels. The paper sums the total variation over pixels and does not say how the sum
    is scaled; here both terms are means.

    References
    ----------
    Wang, Zhang, Patel, "SAR image despeckling using a convolutional neural network", IEEE Signal Process. Lett.
    24(12):1763-1767, 2017.
    """

    name = "id-cnn"
    card = TrainedCard(
        MethodCard,
        title="ID-CNN",
        family=SUPERVISED,
        citation="Wang, Zhang, Patel, IEEE SPL 24(12):1763-1767, 2017",
        doi="10.1109/LSP.2017.2758203",
        note="The paper's layers at 32 channels, where the paper has 64, and its loss (L2 and 0.002 total variation); "
        "data and optimiser are those of gan-d-short. Made for multiplicative speckle, which is additive on the "
        "log-compressed display.",
    )
    sizes: ClassVar = {"width": 32}
    loss: ClassVar = {"l2": 1.0, "variation": 0.002}

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        from .networks.id_cnn import IdCnnNetwork

        return IdCnnNetwork(int(about["width"]))
