"""DRNN: a residual network trained to fool a critic and to keep the structure of its input."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import DeepDespeckler

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Drnn(DeepDespeckler):
    r"""The despeckling residual neural network, trained without pairs against a critic that has seen clean images.

    .. math:: \hat x = y + R(y), \qquad
              \min_R \; \overline{(C(\hat x) - 1)^2} + \lambda \, (1 - \mathrm{SSIM}(\hat x, y))

    Only the abstract and the first lines of the paper were available to us. They give a residual network, a
    discriminator between its output and a set of high-quality images, and a structural loss beside the adversarial one
    that prevents oversmoothing. The rest is our reading: the residual blocks and their number, the critic (the 70 x 70
    PatchGAN of `cyclegan` with least squares), the structural loss (mean structural similarity of result and input,
    Wang et al. 2004), and :math:`\lambda`. The high-quality images are the clean halves of other pairs. The receptive
    field is 29 x 29 pixels.

    References
    ----------
    Mishra, Chaudhury, Sarkar, Soin, "Unsupervised despeckling", arXiv:1801.03318, 2018.
    """

    name = "drnn"
    card = TrainedCard(
        MethodCard,
        title="DRNN",
        family="deep, unpaired",
        citation="Mishra, Chaudhury, Sarkar, Soin, arXiv:1801.03318, 2018",
        doi="10.48550/arXiv.1801.03318",
        note="Built after the abstract, as the full text was not available to us: residual network, discriminator and "
        "structural loss are the paper's; their form, sizes and weights our reading. Not the authors' network.",
    )
    sizes: ClassVar = {"width": 24, "blocks": 6}
    loss: ClassVar = {"adversarial": 1.0, "structure": 0.5}

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        from .networks.drnn import DrnnNetwork

        return DrnnNetwork(int(about["width"]), int(about["blocks"]))

    @classmethod
    def training(cls) -> dict[str, Any]:
        """Return what `deep_recipe` needs beside the network."""
        from .unpaired import UNPAIRED, UnpairedGan

        return {"task": UnpairedGan, **UNPAIRED}
