"""What the trained networks share: weights that are shipped or the user's own, and one way of training."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.errors import PluginError
from usbench.weights.shards import WeightsError, read_index

from ..pix2pix.despeckler import Despeckler
from ..pix2pix.gan_d import GanD

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from usbench.training.contracts import Recipe

SHIPPED = Path(__file__).parent / "weights"
SUPERVISED, SELF_SUPERVISED = "deep, supervised", "deep, self-supervised"
TRAINED_ON = GanD.card.trained_on


@dataclass(frozen=True)
class DeepDespeckler(Despeckler):
    """A network that `usbench train NAME` trains on the pairs of `gan-d-short`.

    A subclass says what its network is: `sizes` and `build`, which makes it from them, and `loss`.

    Parameters
    ----------
    exact
        Whether to compute in float32 where bf16 would be faster.
    weights
        Card of weights of one's own, such as `training/NAME/weights/NAME.json`; the shipped ones if empty.
    """

    weights: str = ""

    sizes: ClassVar[Mapping[str, int]] = {}  # options of the network with their defaults
    loss: ClassVar[Mapping[str, float]] = {}  # weights of an `Objective`

    @classmethod
    def unavailable(cls) -> str:
        """Return how to train weights if none are shipped."""
        if cls.weights_index().is_file():
            return ""
        return (
            f"{cls.name} has no weights yet: train them with `usbench train {cls.name}`, then run "
            f"'{cls.name}[weights=training/{cls.name}/weights/{cls.name}.json]'."
        )

    def prepare(self, device: "str | torch.device" = "cpu") -> None:
        """Load the weights onto `device`."""
        if not self.weights and (reason := self.unavailable()):
            raise PluginError(reason)
        index = self.card_of_weights()
        about = read_index(index)
        if about.get("network") != self.name:
            raise WeightsError(
                f"The weights {index} are of the network {about.get('network')!r}; {self.name} needs those that "
                f"`usbench train {self.name}` writes."
            )
        if missing := [size for size in self.sizes if size not in about]:
            raise WeightsError(f"The card {index} does not say how large the network is: {missing[0]!r} is missing.")
        super().prepare(device)

    def card_of_weights(self) -> Path:
        """Return the card of the weights that this one runs on."""
        return Path(self.weights).expanduser() if self.weights else self.weights_index()

    @classmethod
    def weights_index(cls) -> Path:
        """Return where the card of the shipped weights is, once there are any."""
        return SHIPPED / f"{cls.name}.json"

    @classmethod
    def recipe(cls, folders: "Mapping[str, Sequence[Path]]", **options: Any) -> "Recipe":
        """Return how it is trained; `deep_recipe` says which options there are."""
        from .recipes import deep_recipe

        return deep_recipe(cls, folders, options)
