"""`D`: the despeckling GAN, with the network, pairs and losses that measurements chose."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import Despeckler
from .generator import RESIDUAL_UNET
from .paper import CITATION, DOI

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from usbench.training.contracts import Recipe

# The paper's two classes of pairs, correlated speckle of random grain, and the same after a scanner's processing.
# Phantoms of anatomy come with both: under `processed` alone the network takes anatomy for blurred. `psf` and `simus`
# are left out: the suite tests on them as speckle that the network has not seen.
TRAINING_SETS = (
    "natural+rayleigh mri+gan-s muscle+varied phantom+processed natural+rayleigh phantom+varied mri+processed "
    "fetal-head+processed natural+rayleigh mri+gan-s carotid+varied mri+varied natural+varied fetal-head+varied "
    "natural+rayleigh shapes+varied muscle+processed carotid+processed"
)


@dataclass(frozen=True)
class GanD(Despeckler):
    """A conditional GAN from B-mode to its speckle-free version: a residual U-Net against a 70 x 70 PatchGAN.

    Like the paper's `D` it is trained on MRI slices under synthetic ultrasound of the GAN `S`, and on natural images
    under Rayleigh noise. A network trained on those alone does not generalise to correlated speckle (see
    `gan-d-paper`). A third class of pairs therefore has speckle of random grain, and a fourth has the same after a
    scanner's processing. The generator is a residual U-Net without normalisation. The loss is L1, L2 and structural
    similarity, and the critic joins for the last quarter of the training.

    References
    ----------
    Vieira, Raposo, Azeitona, Afonso, Pedro, Sanches, "Ultrasound despeckling with GANs and cross modality transfer
    learning", IEEE Access 12:45811-45823, 2024. Network, weights and training are ours, not the authors'.
    """

    name = "gan-d"
    card = TrainedCard(
        MethodCard,
        title="GAN despeckler D",
        family="deep, GAN",
        citation=CITATION,
        doi=DOI,
        note="Our network and training after the paper's idea; gan-d-paper is the paper's recipe, gan-d-zenodo runs "
        "the authors' own weights.",
    )

    @classmethod
    def recipe(
        cls,
        folders: "Mapping[str, Sequence[Path]]",
        width: "int | str" = 32,
        crop: "int | str" = 128,
        products: str = TRAINING_SETS,
        l1: "float | str" = 0.5,
        l2: "float | str" = 2.0,
        structure: "float | str" = 0.1,
        adversarial: "float | str" = 0.0005,
        adversarial_from: "float | str" = 0.75,
        learning_rate: "float | str" = 5e-4,
    ) -> "Recipe":
        """Return how it is trained; `products` are training sets `source+simulator`, separated by spaces."""
        from .recipes import gan_recipe
        from .task import Objective

        objective = Objective(
            l1=float(l1),
            l2=float(l2),
            structure=float(structure),
            adversarial=float(adversarial),
            adversarial_from=float(adversarial_from),
        )
        network = {**RESIDUAL_UNET, "width": int(width)}
        return gan_recipe(
            products.split(), network, objective, crop=int(crop), folders=folders, learning_rate=float(learning_rate)
        )
