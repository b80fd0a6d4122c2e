"""`D` on the budget of the deep baselines, to be compared with them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from usbench.method import MethodCard

from .despeckler import Despeckler
from .products import PRODUCTS

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
    card = MethodCard(
        title="GAN despeckler D, short training",
        family="deep, GAN",
        citation="Vieira et al., IEEE Access 12:45811-45823, 2024",
        doi="10.1109/ACCESS.2024.3381630",
        trained_on=tuple(f"{product}/train" for product in dict.fromkeys(PRODUCTS.split())),
        note="gan-d on the budget of the deep baselines, to be compared with them.",
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
        from .recipes import despeckler_recipe
        from .task import Objective

        network = {"network": "residual-unet", "width": 32, "blocks": 1, "noise": False}
        objective = Objective(structure=0.1, adversarial=0.005, adversarial_from=0.75)
        return despeckler_recipe(
            products.split(), network, objective, crop=int(crop), folders=folders, learning_rate=float(learning_rate)
        )
