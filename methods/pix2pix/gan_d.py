"""`D`: the despeckling GAN, with the network, pairs and losses that measurements chose."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .baseline_sets import TRAINING_FOLDERS
from .despeckler import Despeckler
from .generator import RESIDUAL_UNET
from .paper import CITATION, DOI

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from usbench.training.contracts import Recipe


@dataclass(frozen=True)
class GanD(Despeckler):
    """A conditional GAN from B-mode to its speckle-free version: a residual U-Net against a 70 x 70 PatchGAN.

    Like the paper's `D` it is trained on MRI slices under synthetic ultrasound of the GAN `S`, and on natural images
    under Rayleigh noise; `S` also paints on B-mode frames from which the speckle has been removed. A network trained on
    those alone does not generalise to correlated speckle (see `gan-d-paper`), so a third class of pairs comes from a
    random scanner over drawn tissue, MRI and natural images, and a fourth is real B-mode. References are expected
    displays, and of real frames what filters leave of them (see `LesionPairs`). Each pair comes with and without faint
    lesions under the same speckle, and one of the losses is how far the network's answer is from that change, so that
    it keeps what is faint. The generator is a residual U-Net of NAF blocks. The other losses are the square error
    relative to that of the input, so that images with little speckle count as well, and structural similarity. The
    critic joins for the last quarter of the training.

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

    steps: ClassVar[int] = 60_000
    core_seconds: ClassVar[float | None] = None
    training_folders: ClassVar = TRAINING_FOLDERS

    @classmethod
    def recipe(
        cls,
        folders: "Mapping[str, Sequence[Path]]",
        width: "int | str" = 32,
        blocks: "int | str" = 1,
        block: str = "naf",
        crop: "int | str" = 128,
        l1: "float | str" = 0.0,
        relative: "float | str" = 0.15,
        structure: "float | str" = 0.1,
        response: "float | str" = 0.1,
        adversarial: "float | str" = 0.0005,
        adversarial_from: "float | str" = 0.75,
        learning_rate: "float | str" = 1e-3,
    ) -> "Recipe":
        """Return how it is trained; see `LesionPairs` for the pairs and `Objective` for the weights of the losses."""
        from .gan_d_recipe import gan_d_recipe
        from .regression import Objective

        objective = Objective(
            l1=float(l1),
            relative=float(relative),
            structure=float(structure),
            response=float(response),
            adversarial=float(adversarial),
            adversarial_from=float(adversarial_from),
        )
        network = {**RESIDUAL_UNET, "width": int(width), "blocks": int(blocks), "block": block}
        rate = float(learning_rate)
        steps, budget = cls.steps, cls.core_seconds
        return gan_d_recipe(
            folders, network, objective, crop=int(crop), learning_rate=rate, steps=steps, core_seconds=budget
        )
