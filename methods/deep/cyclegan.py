"""CycleGAN: translation from B-mode to clean images and back, learned from unpaired images."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import DeepDespeckler

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class CycleGan(DeepDespeckler):
    r"""One generator translates B-mode to clean images and a second one back; each is trained to invert the other.

    .. math:: \hat x = G(y), \qquad \min_{G, F} \;
              \overline{(C(G(y)) - 1)^2} + \overline{(B(F(x)) - 1)^2}
              + 10 \left( \overline{|F(G(y)) - y|} + \overline{|G(F(x)) - x|} \right)
              + 5 \left( \overline{|G(x) - x|} + \overline{|F(y) - y|} \right)

    :math:`x` is a clean image and :math:`y` a speckled image of another scene. The 70 x 70 PatchGANs :math:`C` and
    :math:`B` learn to give 1 to real images and 0 to generated ones; every second generated image is one of the last
    50. Only the cycle ties :math:`G(y)` to :math:`y`, and the generators may hide the speckle that :math:`F` needs in
    an image that looks clean (Chu, Zhmoginov, Sandler, "CycleGAN, a master of steganography", 2017).

    Instance norm divides by the standard deviation of its input, so the grey scale of a result depends on the whole
    image. Images of up to 1024 x 1024 pixels are processed whole. The tiles of a larger one differ in grey scale and
    are blended over 256 pixels.

    References
    ----------
    Zhu, Park, Isola, Efros, "Unpaired image-to-image translation using cycle-consistent adversarial networks", ICCV
    2017, pp. 2242-2251.
    """

    name = "cyclegan"
    card = TrainedCard(
        MethodCard,
        title="CycleGAN",
        family="deep, unpaired",
        citation="Zhu, Park, Isola, Efros, ICCV 2017, pp. 2242-2251",
        doi="10.1109/ICCV.2017.244",
        note="The paper's networks, losses and Adam at half resolution (2 x 2 pixels become channels), 16 channels and "
        "3 blocks, where the paper has full resolution, 64 channels and 6 or 9 blocks. It learns from the speckled "
        "halves of the pairs of gan-d-short and real B-mode, and the clean halves of other pairs; the moving average "
        "of the generator is ours.",
    )
    sizes: ClassVar = {"width": 16, "blocks": 3, "fold": 2}
    loss: ClassVar = {"adversarial": 1.0, "cycle": 10.0, "identity": 5.0}

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        from .networks.resnet_generator import ResnetGenerator

        return ResnetGenerator(int(about["width"]), int(about["blocks"]), fold=int(about["fold"]))

    @classmethod
    def training(cls) -> dict[str, Any]:
        """Return what `deep_recipe` needs beside the network."""
        from .cycle import CycleGanTask, CycleObjective
        from .unpaired import UNPAIRED

        return {"task": CycleGanTask, "objective": CycleObjective, **UNPAIRED}
