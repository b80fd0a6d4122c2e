"""Base of trained despecklers: loading weights and running the network."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usbench.core.errors import MethodError
from usbench.core.method import Method
from usbench.weights.leakage import Listed, card_fingerprints
from usbench.weights.shards import WeightsError, card_at, read_index, weights_hash

from .generator import build_generator, load_generator, shipped, translate

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Despeckler(Method):
    """A network with trained weights.

    Parameters
    ----------
    exact
        Whether to compute in float32 where bf16 would be faster.
    weights
        Your own weights: the folder of a training such as `training/NAME`, or their card; the shipped ones if empty.
    """

    exact: bool = False
    weights: str = ""

    def values(self) -> dict[str, Any]:
        """Return every parameter with its value, without `weights` if they are the shipped ones.

        Stored rows are from before there was this parameter, and their keys are hashes of the values.
        """
        return {name: value for name, value in super().values().items() if value or name != "weights"}

    def prepare(self, device: "str | torch.device" = "cpu") -> None:
        """Load the weights onto `device`.

        Raises
        ------
        WeightsError
            If there are none, or they are of another network.
        """
        if self.weights:
            self.check_weights(read_index(self.card_of_weights()))
        object.__setattr__(self, "_network", load_generator(self.card_of_weights(), device, self.exact, self.build))

    def check_weights(self, about: Mapping[str, Any]) -> None:
        """Raise WeightsError if the card of the user's weights is that of another method."""
        if about.get("name") != self.name:
            raise WeightsError(
                f"The weights {self.card_of_weights()} are those of {about.get('name')!r}; {self.name} needs those "
                f"that `usbench train {self.name}` writes."
            )

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Run the network, in tiles if the image is too large to be processed at once."""
        return translate(self.network_for(image), image)

    def network_for(self, image: "torch.Tensor") -> "nn.Module":
        """Return the loaded network.

        Raises
        ------
        MethodError
            If the method was not prepared, or the image has values that are not finite.
        """
        network = getattr(self, "_network", None)
        if network is None:
            raise MethodError(f"{self.name} must be prepared before it despeckles: call prepare(device) first.")
        if not bool(image.isfinite().all()):
            raise MethodError(f"{self.name} was given an image with values that are not finite (NaN or infinity).")
        return network

    def weights_hash(self) -> str:
        """Return the hash of the weights; raise WeightsError if those that the user named are not there."""
        if self.weights and not self.card_of_weights().is_file():
            raise WeightsError(f"There is no card of weights {self.card_of_weights()}.")
        return weights_hash(self.card_of_weights())

    def training_fingerprints(self) -> list[Listed]:
        """Return the fingerprints of the training images, which are listed with the weights."""
        return card_fingerprints(self.card_of_weights())

    def card_of_weights(self) -> Path:
        """Return the path of the card of the weights in use."""
        return card_at(Path(self.weights), self.name) if self.weights else self.weights_index()

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        return build_generator(about)

    @classmethod
    def weights_index(cls) -> Path:
        """Return the path of the card of the shipped weights."""
        return shipped(cls.name)
