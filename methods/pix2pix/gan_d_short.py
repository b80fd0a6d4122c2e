"""`D` on the budget of the deep baselines, to be compared with them."""

from typing import TYPE_CHECKING

from .gan_d import GanD
from .products import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from usbench.training.contracts import Recipe


class GanDShort(GanD):
    """The network of `gan-d`, trained on the pairs of the deep baselines and on as many of them.

    `gan-d` saw more: a network that is behind it may be so for want of training. This one tells the two apart.

    References
    ----------
    As for `gan-d`.
    """

    name = "gan-d-short"
    card = GanD.card.model_copy(
        update={
            "title": "GAN despeckler D, short training",
            "note": "gan-d on the budget of the deep baselines, to be compared with them.",
            "trained_on": tuple(f"{product}/train" for product in dict.fromkeys(PRODUCTS.split())),
        }
    )

    @classmethod
    def recipe(
        cls,
        folders: "Mapping[str, Sequence[Path]]",
        products: str = PRODUCTS,
        learning_rate: "float | str" = 5e-4,
    ) -> "Recipe":
        """Return how it is trained; `products` are training sets `source+simulator`, separated by spaces."""
        return super().recipe(folders, products=products, learning_rate=learning_rate, l1=1, l2=0)
