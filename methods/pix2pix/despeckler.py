"""What the trained despecklers of this family share: everything but their training."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from usbench.errors import MethodError
from usbench.leakage import Listed, card_fingerprints
from usbench.method import Method
from usbench.weights import weights_hash

from .generator import load_generator, shipped, translate

if TYPE_CHECKING:
    from pathlib import Path

    import torch


@dataclass(frozen=True)
class Despeckler(Method):
    """A generator with shipped weights.

    Parameters
    ----------
    exact
        Whether to compute in float32 where bf16 would be faster.
    """

    exact: bool = False

    def prepare(self, device: "str | torch.device" = "cpu") -> None:
        """Load the shipped weights onto `device`."""
        object.__setattr__(self, "_network", load_generator(self.weights_index(), device, self.exact))

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Run the generator, in tiles where the image is larger than it takes at once."""
        network = getattr(self, "_network", None)
        if network is None:
            raise MethodError(f"{self.name} must be prepared before it despeckles: call prepare(device) first.")
        if not bool(image.isfinite().all()):
            raise MethodError(f"{self.name} was given an image with values that are not finite (NaN or infinity).")
        return translate(network, image)

    def weights_hash(self) -> str:
        """Return the hash of the shipped weights."""
        return weights_hash(self.weights_index())

    def training_fingerprints(self) -> list[Listed]:
        """Return the list of training images that goes with the weights."""
        return card_fingerprints(self.weights_index())

    @classmethod
    def weights_index(cls) -> "Path":
        """Return the card of the shipped weights."""
        return shipped(cls.name)
