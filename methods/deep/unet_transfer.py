"""One small network trained on one simulator at a time, to measure how well it generalises to another."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from usbench.core.errors import PluginError
from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SHIPPED, SUPERVISED
from .unet import CITATION, DOI, UnetResidual

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import torch

    from usbench.training.contracts import Recipe

CLEAN = ("natural", "mri", "phantom")


@dataclass(frozen=True)
class UnetTransfer(UnetResidual):
    """The network of `unet-residual` at 8 channels, trained on the speckle of a single simulator.

    Clean images, network, loss, learning rate and number of pairs are the same for every simulator. Two of these
    networks therefore differ on a test set only because of the speckle they were trained on.

    Parameters
    ----------
    simulator
        The simulator whose speckle it was trained on.

    References
    ----------
    As for `unet-residual`.
    """

    simulator: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = "varied"

    name = "unet-transfer"
    card = TrainedCard(
        MethodCard,
        title="U-Net of one simulator",
        family=SUPERVISED,
        citation=CITATION,
        doi=DOI,
        note="Made to measure how well training on one simulator generalises to another; see the transfer board.",
        default_from={"simulator": "ours"},
    )
    sizes: ClassVar = {"width": 8}

    def prepare(self, device: "str | torch.device" = "cpu") -> None:
        """Load the weights onto `device`."""
        if not self.card_of_weights().is_file() and not self.weights:
            raise PluginError(
                f"{self.name} has no weights for the simulator {self.simulator!r}: train them with "
                f"`usbench train {self.name} --set simulator={self.simulator}` and name the folder: "
                f"'{self.name}[simulator={self.simulator},weights=training/{self.name}]'."
            )
        super().prepare(device)

    def card_of_weights(self) -> Path:
        """Return the path of the card of the weights in use."""
        return super().card_of_weights() if self.weights else SHIPPED / f"{self.name}-{self.simulator}.json"

    @classmethod
    def weights_index(cls) -> Path:
        """Return the path of the card of the shipped weights for `varied`."""
        return SHIPPED / f"{cls.name}-{cls.simulator}.json"

    @classmethod
    def recipe(cls, folders: "Mapping[str, Sequence[Path]]", simulator: str = "varied", **options: Any) -> "Recipe":
        """Return how it is trained on one simulator; see `deep_recipe` for the other options."""
        from .recipes import deep_recipe

        products = " ".join(f"{source}+{simulator}" for source in CLEAN)
        return deep_recipe(cls, folders, {"products": products, **options})
