"""`D` on the training budget of the deep baselines."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .baseline_sets import TRAINING_SETS
from .despeckler import Despeckler
from .generator import RESIDUAL_UNET
from .paper import CITATION, DOI

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from usbench.training.contracts import Recipe


@dataclass(frozen=True)
class GanDShort(Despeckler):
    """The network of `gan-d`, trained on the pairs of the deep baselines and on as many of them.

    `gan-d` saw more pairs. A baseline that is worse than `gan-d` but not than this method lacks training, not capacity.

    References
    ----------
    As for `gan-d`.
    """

    name = "gan-d-short"
    card = TrainedCard(
        MethodCard,
        title="GAN despeckler D, short training",
        family="deep, GAN",
        citation=CITATION,
        doi=DOI,
        note="gan-d on the budget of the deep baselines, to be compared with them.",
    )

    @classmethod
    def recipe(
        cls,
        folders: "Mapping[str, Sequence[Path]]",
        crop: "int | str" = 128,
        products: str = TRAINING_SETS,
        learning_rate: "float | str" = 5e-4,
    ) -> "Recipe":
        """Return how it is trained; `products` are training sets `source+simulator`, separated by spaces."""
        from .recipes import gan_recipe
        from .task import Objective

        objective = Objective(structure=0.1, adversarial_from=0.75)
        return gan_recipe(
            products.split(),
            RESIDUAL_UNET,
            objective,
            crop=int(crop),
            folders=folders,
            learning_rate=float(learning_rate),
        )
