"""`D` on the budget of the deep baselines, to be compared with them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .baseline_sets import PRODUCTS
from .despeckler import Despeckler
from .gan_d import GanD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from usbench.training.contracts import Recipe


@dataclass(frozen=True)
class GanDShort(Despeckler):
    """The network of `gan-d`, trained on the pairs of the deep baselines and on as many of them.

    `gan-d` saw more: a network that is behind it may be so for want of training. This one tells the two apart.

    Parameters
    ----------
    exact
        Whether to compute in float32 where bf16 would be faster.

    References
    ----------
    As for `gan-d`.
    """

    name = "gan-d-short"
    card = GanD.card.model_copy(
        update={
            "title": "GAN despeckler D, short training",
            "trained_on": tuple(f"{product}/train" for product in dict.fromkeys(PRODUCTS.split())),
            "note": "gan-d on the budget of the deep baselines, to be compared with them.",
        }
    )

    @classmethod
    def recipe(
        cls,
        folders: "Mapping[str, Sequence[Path]]",
        crop: "int | str" = 128,
        products: str = PRODUCTS,
        learning_rate: "float | str" = 5e-4,
    ) -> "Recipe":
        """Return how it is trained; `products` are training sets `source+simulator`, separated by spaces."""
        return GanD.recipe(
            folders, crop=crop, products=products, l1=1.0, l2=0.0, adversarial=0.005, learning_rate=learning_rate
        )
