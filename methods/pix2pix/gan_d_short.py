"""`D` on the budget of the deep baselines, to be compared with them."""

from typing import TYPE_CHECKING

from .gan_d import PRODUCTS, GanD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from usbench.training.contracts import Recipe


class GanDShort(GanD):
    """The network, objective and pairs of `gan-d`, trained on as many of them as the deep baselines.

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
        }
    )

    @classmethod
    def recipe(
        cls,
        folders: "Mapping[str, Sequence[Path]]",
        width: "int | str" = 32,
        crop: "int | str" = 128,
        products: str = PRODUCTS,
        learning_rate: "float | str" = 5e-4,
    ) -> "Recipe":
        """Return how it is trained; `products` are training sets `source+simulator`, separated by spaces."""
        from .recipes import despeckler_recipe
        from .task import Objective

        network = {"network": "residual-unet", "width": int(width), "blocks": 1, "noise": False}
        objective = Objective(structure=0.1, adversarial=0.005, adversarial_from=0.75)
        return despeckler_recipe(
            products.split(), network, objective, crop=int(crop), folders=folders, learning_rate=float(learning_rate)
        )
