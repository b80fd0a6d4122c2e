"""RED-CNN: a residual encoder-decoder of large convolutions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SUPERVISED, DeepDespeckler

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class RedCnn(DeepDespeckler):
    r"""Five 5 x 5 convolutions without padding and five transposed ones restore the image, with shortcuts between them.

    .. math:: \hat x = \max(0,\, y + D(E(y))), \qquad \min_{E, D} \; \overline{(\hat x - x)^2}

    The receptive field is 41 x 41 pixels. The network was made for low-dose CT and is a common despeckling baseline.

    References
    ----------
    Chen, Zhang, Kalra, Lin, Chen, Liao, Zhou, Wang, "Low-dose CT with a residual encoder-decoder convolutional neural
    network", IEEE Trans. Med. Imaging 36(12):2524-2535, 2017.
    """

    name = "red-cnn"
    card = TrainedCard(
        MethodCard,
        title="RED-CNN",
        family=SUPERVISED,
        citation="Chen et al., IEEE TMI 36(12):2524-2535, 2017",
        doi="10.1109/TMI.2017.2715284",
        note="The paper's layers at 16 channels, where the paper has 96 (1,848,865 parameters), and its loss; data and "
        "optimiser are those of gan-d-short.",
    )
    sizes: ClassVar = {"width": 16}
    loss: ClassVar = {"l2": 1.0}

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        from .networks.red_cnn import RedCnnNetwork

        return RedCnnNetwork(int(about["width"]))
