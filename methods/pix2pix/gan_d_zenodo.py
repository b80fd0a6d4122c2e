"""`D` with the weights published by its authors."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from usbench.core.errors import MethodError, PluginError
from usbench.core.method import Method, MethodCard
from usbench.weights.user import user_index

from .paper import CITATION, DOI
from .published import PublishedWeights

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class GanDZenodo(PublishedWeights, Method):
    """The published generator of `D`, run as the authors' demo runs it.

    The image is scaled from [0, 1] to [-1, 1], without contrast stretching. The demo uses the test mode of pix2pix
    without `--eval`: batch norm uses the statistics of the image itself, and dropout stays on. Here too each image of a
    batch has its own statistics. Dropout drops the same features every time, so that the method is deterministic;
    another `seed` gives another, equally valid result. On 256 x 256 pixels this is what the demo computes, except for
    its draw of dropout.

    The weights are not shipped: `usbench weights add gan-d-zenodo USGAN_pix2pix_weights.tar.gz`.

    Parameters
    ----------
    dropout
        Whether half of the features of the three inner levels are dropped, as in the demo.
    seed
        Seed of dropout.
    resize
        Whether images of other sizes are resized to 256 x 256 and their results back, as in the demo. If not, the
        network runs at the image's own resolution (see `translate_alone`): resizing loses detail, for which the
        benchmark would blame the network.

    References
    ----------
    Vieira, Raposo, Azeitona, Afonso, Pedro, Sanches, IEEE Access 12:45811-45823, 2024; weights: Zenodo 13788016.
    """

    name: ClassVar[str] = "gan-d-zenodo"
    card = MethodCard(
        title="GAN despeckler D, the authors' weights",
        family="deep, GAN",
        citation=CITATION,
        doi=DOI,
        licence="weights: as stated in Zenodo record 13788016; code: Apache-2.0",
        note="Run as the authors' demo: batch norm on the image's own statistics, dropout on. Which images they "
        "trained on is not published with the weights, so leakage cannot be checked.",
        default_from={"dropout": "authors' code", "resize": "ours"},
    )

    dropout: bool = True
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    resize: bool = False

    def prepare(self, device: "str | torch.device" = "cpu") -> None:
        """Load the weights onto `device`."""
        from .per_image_norm import load_demo_generator

        if reason := self.unavailable():
            raise PluginError(reason)
        object.__setattr__(self, "_network", load_demo_generator(user_index(self.name), device))

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Run the generator on each image of the batch separately."""
        from .per_image_norm import translate_alone

        network = getattr(self, "_network", None)
        if network is None:
            raise MethodError(f"{self.name} must be prepared before it despeckles: call prepare(device) first.")
        return translate_alone(network, image, self.seed if self.dropout else None, self.resize)
