"""Mask2Restore: inpainting of blocks that are wider than a grain of speckle."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SELF_SUPERVISED, DeepDespeckler

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Mask2Restore(DeepDespeckler):
    r"""The U-Net of `unet`, trained to paint hidden blocks of a speckled image from what is around them.

    .. math:: \min_U \; \operatorname*{mean}_{i \in M} (U(y \cdot (1 - M), M)_i - y_i)^2

    :math:`M` is a lattice of square blocks, a quarter of the image. A blind spot of one pixel can be predicted from the
    rest of its grain; a block that is wider than a grain cannot, so what is painted is the mean of its surroundings.
    The result takes each pixel from 16 predictions: blocks in 4 places, at 4 shifts of the lattice, with a weight that
    falls from the middle of a block to its border.

    Parameters
    ----------
    block
        Side of a block in pixels. Training has blocks of 8 to 16.
    exact
        Whether to compute in float32 where bf16 would be faster.
    weights
        Card of your own weights; the shipped weights if empty.

    References
    ----------
    Li et al., "Mask2Restore: self-supervised ultrasound despeckling via inpainting", arXiv 2609.32844, 2026.
    """

    block: Annotated[int, Field(ge=4, le=32)] = 12

    name = "mask2restore"
    card = TrainedCard(
        MethodCard,
        title="Mask2Restore",
        family=SELF_SUPERVISED,
        citation="Li et al., arXiv 2609.32844, 2026",
        doi="10.48550/arXiv.2609.32844",
        note="Our reading of the abstract: block masks and inpainting. Network, lattice and weights of the average are "
        "ours; on the speckled halves of the pairs of gan-d-short and on real B-mode alone.",
        default_from={"block": "ours"},
    )
    sizes: ClassVar = {"width": 16}
    loss: ClassVar = {"l2": 1.0}

    def prepare(self, device: "str | torch.device" = "cpu") -> None:
        """Load the weights onto `device`."""
        super().prepare(device)
        self._network.block = self.block  # type: ignore[attr-defined]

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        from .networks.inpainting import InpaintingUnet

        return InpaintingUnet(int(about["width"]))

    @classmethod
    def training(cls) -> dict[str, Any]:
        """Return what `deep_recipe` needs beside the network."""
        from .inpainting import HiddenBlockPairs, InpaintingRegression

        return {"task": InpaintingRegression, "pairs": HiddenBlockPairs, "takes_real": True}
