"""Base of the deep baselines: shipped weights or the user's own, and one way of training."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.errors import PluginError
from usbench.weights.shards import WeightsError, read_index

from ..pix2pix.baseline_sets import TRAINING_FOLDERS
from ..pix2pix.despeckler import Despeckler

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from usbench.training.contracts import Recipe

SHIPPED = Path(__file__).parent / "weights"
SUPERVISED, SELF_SUPERVISED = "deep, supervised", "deep, self-supervised"


@dataclass(frozen=True)
class DeepDespeckler(Despeckler):
    """A network that `usbench train NAME` trains on the pairs of `gan-d-short`.

    A subclass defines `sizes`, `build`, which makes the network from them, and `loss`. One that does not learn from
    pairs (speckled, clean) overrides `training` too.

    Parameters
    ----------
    exact
        Whether to compute in float32 where bf16 would be faster.
    weights
        Your own weights: the folder of a training such as `training/NAME`, or their card; the shipped ones if empty.
    """

    sizes: ClassVar[Mapping[str, int]] = {}  # options of the network with their defaults
    loss: ClassVar[Mapping[str, float]] = {}  # weights of an `Objective`
    training_folders: ClassVar = TRAINING_FOLDERS

    @classmethod
    def unavailable(cls) -> str:
        """Return a sentence on how to train weights if none are shipped."""
        if cls.weights_index().is_file():
            return ""
        return (
            f"{cls.name} has no weights yet: train them with `usbench train {cls.name}`, then run "
            f"'{cls.name}[weights=training/{cls.name}]'."
        )

    def values(self) -> dict[str, Any]:
        """Return every parameter with its value; rows of the baselines have always had `weights`."""
        return super(Despeckler, self).values()

    def prepare(self, device: "str | torch.device" = "cpu") -> None:
        """Load the weights onto `device`."""
        if not self.weights and (reason := self.unavailable()):
            raise PluginError(reason)
        self.check_weights(read_index(self.card_of_weights()))
        super().prepare(device)

    def check_weights(self, about: Mapping[str, Any]) -> None:
        """Raise WeightsError if a card is of another network, or does not say how large it is."""
        index = self.card_of_weights()
        if about.get("network") != self.name:
            raise WeightsError(
                f"The weights {index} are of the network {about.get('network')!r}; {self.name} needs those that "
                f"`usbench train {self.name}` writes."
            )
        if missing := [size for size in self.sizes if size not in about]:
            raise WeightsError(f"The card {index} does not say how large the network is: {missing[0]!r} is missing.")

    @classmethod
    def weights_index(cls) -> Path:
        """Return the path of the card of the shipped weights, whether or not there are any."""
        return SHIPPED / f"{cls.name}.json"

    @classmethod
    def recipe(cls, folders: "Mapping[str, Sequence[Path]]", **options: Any) -> "Recipe":
        """Return how it is trained; see `deep_recipe` for the options."""
        from .recipes import deep_recipe

        return deep_recipe(cls, folders, options, **cls.training())

    @classmethod
    def training(cls) -> dict[str, Any]:
        """Return the arguments of `deep_recipe` by which its training differs from a regression on pairs."""
        return {}
