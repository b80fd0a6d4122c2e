"""`D` by the paper's recipe: U-Net-256, batch norm, L1 and adversarial loss, two classes of pairs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .baseline_sets import TRAINING_FOLDERS
from .despeckler import Despeckler
from .paper import CITATION, DOI

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from usbench.training.contracts import Recipe


@dataclass(frozen=True)
class GanDPaper(Despeckler):
    """A pix2pix generator (U-Net-256, 70 x 70 PatchGAN) trained on the paper's two classes of pairs alone.

    Those are MRI slices under synthetic ultrasound of themselves by the GAN `S`, and natural images under Rayleigh
    noise. Images are scaled to [-1, 1], the loss is the adversarial one plus 100 times L1, and batch norm uses the
    statistics of training. The shipped weights have fewer channels than pix2pix's 64, because they were trained on a
    CPU.

    References
    ----------
    Vieira, Raposo, Azeitona, Afonso, Pedro, Sanches, "Ultrasound despeckling with GANs and cross modality transfer
    learning", IEEE Access 12:45811-45823, 2024. Weights and training are ours, not the authors'.
    """

    name = "gan-d-paper"
    card = TrainedCard(
        MethodCard,
        title="GAN despeckler D, the paper's recipe",
        family="deep, GAN",
        citation=CITATION,
        doi=DOI,
        note="Our re-implementation and our training; gan-d-zenodo runs the authors' own weights.",
    )

    training_folders: ClassVar = {kind: TRAINING_FOLDERS[kind] for kind in ("mri", "natural")}

    @classmethod
    def recipe(
        cls,
        folders: "Mapping[str, Sequence[Path]]",
        width: "int | str" = 64,
        critic_width: "int | str" = 64,
        products: str = "mri+gan-s natural+rayleigh",
    ) -> "Recipe":
        """Return how it is trained; `products` are training sets `source+simulator`, separated by spaces."""
        from .recipes import gan_recipe
        from .regression import Objective

        return gan_recipe(
            products.split(),
            {"network": "unet-256", "width": int(width)},
            Objective(),
            crop=256,
            folders=folders,
            learning_rate=2e-4,
            critic_width=int(critic_width),
        )
