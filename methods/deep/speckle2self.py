"""Speckle2Self: takes the component shared by an image and its coarser versions as the clean image."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SELF_SUPERVISED, DeepDespeckler

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Speckle2Self(DeepDespeckler):
    r"""Three encoders for three scales and one decoder, trained to reproduce each scale and to agree across scales.

    .. math:: \min_{E, D} \; \sum_k \overline{(D(E_k(y_k)) - y_k)^2}
              + \sum_{k < l} \overline{|D(E_k(y_k)) - D(E_l(y_l))|}, \qquad y_k = U_{2^k} D_{2^k} y, \; k = 0, 1, 2

    :math:`y_k` is the image reduced by :math:`2^k` and enlarged again, both linearly. Anatomy is the same at all three
    scales and speckle is not, so what the decoder can produce from each is the anatomy (the paper's shared, low-rank
    component; the remainder is its sparse component). The clean image is :math:`D(E_0(y))`. There is no skip around
    the innermost features, which have a sixteenth of the resolution.

    The idea and the perturbation by scale are the paper's. Scales, network and losses come from public copies of the
    authors' code; we do not know whether the published figures were made with these settings. Two things are ours: the
    image is normalised to mean 0 and standard deviation 1, which is undone at the end, and the last layer has no
    normalisation. The authors' network ends in one, which loses the grey scale of the display.

    Parameters
    ----------
    exact
        Whether to compute in float32. In bf16 the normalisations amplify the rounding.

    References
    ----------
    Li, Navab, Jiang, "Speckle2Self: self-supervised ultrasound speckle reduction without clean data", Med. Image Anal.,
    2025, 103755.
    """

    name = "speckle2self"
    card = TrainedCard(
        MethodCard,
        title="Speckle2Self",
        family=SELF_SUPERVISED,
        citation="Li, Navab, Jiang, Med. Image Anal., 2025, 103755",
        doi="10.1016/j.media.2025.103755",
        note="Our reading of the abstract and of public copies of the authors' code, at 16 channels where those have "
        "32; on the speckled halves of the pairs of gan-d-short and on real B-mode. The authors train on envelopes of "
        "512 x 512 pixels or more with a gamma on the grey scale; here it is crops of the display.",
    )
    exact: bool = True

    sizes: ClassVar = {"width": 16}
    loss: ClassVar = {"l2": 1.0}

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        from .networks.speckle2self import Speckle2SelfNetwork

        return Speckle2SelfNetwork(int(about["width"]))

    @classmethod
    def training(cls) -> dict[str, Any]:
        """Return what `deep_recipe` needs beside the network."""
        from .scales import ScaleRegression, SingleImages

        return {"task": ScaleRegression, "pairs": SingleImages, "takes_real": True}
