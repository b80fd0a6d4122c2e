"""`D`: the GAN that despeckles."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from usbench.errors import MethodError
from usbench.method import Method, MethodCard
from usbench.weights import weights_hash

from .generator import load_generator, shipped, translate

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from usbench.training import Recipe


@dataclass(frozen=True)
class GanD(Method):
    """A pix2pix generator (U-Net-256, 70 x 70 PatchGAN) from B-mode to its speckle-free version.

    It is trained on MRI slices paired with synthetic ultrasound of themselves, and on natural images paired with
    themselves under Rayleigh noise. Images are scaled to [-1, 1]; batch norm uses the statistics of training.

    References
    ----------
    Vieira, Raposo, Azeitona, Afonso, Pedro, Sanches, "Ultrasound despeckling with GANs and cross modality transfer
    learning", IEEE Access 12:45811-45823, 2024. Weights and training are ours, not the authors'.
    """

    name = "gan-d"
    card = MethodCard(
        title="GAN despeckler D",
        family="deep, GAN",
        citation="Vieira et al., IEEE Access 12:45811-45823, 2024",
        doi="10.1109/ACCESS.2024.3381630",
        trained_on=("mri/train", "natural/train"),
        note="Our re-implementation and our training; the authors' weights are not included.",
    )

    def prepare(self, device: "str | torch.device" = "cpu") -> None:
        """Load the shipped weights onto `device`."""
        object.__setattr__(self, "_network", load_generator(shipped("gan-d"), device))

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Run the generator, in tiles where the image is not 256 x 256."""
        network = getattr(self, "_network", None)
        if network is None:
            raise MethodError("gan-d must be prepared before it despeckles: call prepare(device) first.")
        return translate(network, image)

    @classmethod
    def recipe(
        cls,
        images: "Path | None" = None,
        width: "int | str" = 64,
        critic_width: "int | str" = 64,
        products: str = "mri+gan-s natural+rayleigh",
    ) -> "Recipe":
        """Return how it is trained; `products` are training sets `source+simulator`, separated by spaces."""
        from .recipes import despeckler_recipe

        return despeckler_recipe(images, int(width), int(critic_width), products.split())

    def weights_hash(self) -> str:
        """Return the hash of the shipped weights."""
        return weights_hash(shipped("gan-d"))
