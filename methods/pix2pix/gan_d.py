"""`D`: the GAN that despeckles, as the measurements shaped it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from usbench.core.method import MethodCard

from .despeckler import Despeckler

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from usbench.training.contracts import Recipe

# The paper's two classes of pairs, correlated speckle of no scanner in particular, and the same after a scanner's
# processing; phantoms of what scanners are used for come with both, since the second is not to be deblurred. `psf` and
# `simus`, by which the suite tests on speckle that a network has not seen, are not among them.
PRODUCTS = (
    "natural+rayleigh mri+gan-s muscle+varied phantom+processed natural+rayleigh phantom+varied mri+processed "
    "fetal-head+processed natural+rayleigh mri+gan-s carotid+varied mri+varied natural+varied fetal-head+varied "
    "natural+rayleigh shapes+varied muscle+processed carotid+processed"
)


@dataclass(frozen=True)
class GanD(Despeckler):
    """A conditional GAN from B-mode to its speckle-free version: a residual U-Net against a 70 x 70 PatchGAN.

    Like the paper's `D` it learns from MRI slices under synthetic ultrasound of the GAN `S`, and from natural images
    under Rayleigh noise. On those alone it does not carry over to correlated speckle (see `gan-d-paper`), so a third
    class of pairs has speckle of random grain, and a fourth has that after a scanner's processing; the generator is a
    residual U-Net without normalisation, the distance is L1, L2 and structural similarity, and the critic joins for the
    last quarter of the training.

    Parameters
    ----------
    exact
        Whether to compute in float32 where bf16 would be faster.

    References
    ----------
    Vieira, Raposo, Azeitona, Afonso, Pedro, Sanches, "Ultrasound despeckling with GANs and cross modality transfer
    learning", IEEE Access 12:45811-45823, 2024. Network, weights and training are ours, not the authors'.
    """

    name = "gan-d"
    card = MethodCard(
        title="GAN despeckler D",
        family="deep, GAN",
        citation="Vieira et al., IEEE Access 12:45811-45823, 2024",
        doi="10.1109/ACCESS.2024.3381630",
        trained_on=tuple(f"{product}/train" for product in dict.fromkeys(PRODUCTS.split())),
        note="Our network and training after the paper's idea; gan-d-paper is the paper's recipe, gan-d-zenodo runs "
        "the authors' own weights.",
    )

    @classmethod
    def recipe(
        cls,
        folders: "Mapping[str, Sequence[Path]]",
        width: "int | str" = 32,
        crop: "int | str" = 128,
        products: str = PRODUCTS,
        l1: "float | str" = 0.5,
        l2: "float | str" = 2.0,
        structure: "float | str" = 0.1,
        adversarial: "float | str" = 0.0005,
        adversarial_from: "float | str" = 0.75,
        learning_rate: "float | str" = 5e-4,
    ) -> "Recipe":
        """Return how it is trained; `products` are training sets `source+simulator`, separated by spaces."""
        from .recipes import despeckler_recipe
        from .task import Objective

        network = {"network": "residual-unet", "width": int(width), "blocks": 1, "noise": False}
        objective = Objective(
            l1=float(l1),
            l2=float(l2),
            structure=float(structure),
            adversarial=float(adversarial),
            adversarial_from=float(adversarial_from),
        )
        return despeckler_recipe(
            products.split(), network, objective, crop=int(crop), folders=folders, learning_rate=float(learning_rate)
        )
