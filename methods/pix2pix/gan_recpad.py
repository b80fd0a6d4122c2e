"""The network of `D`, trained by the protocol of 2021."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from usbench.core.method import MethodCard

from .despeckler import Despeckler

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from usbench.training.contracts import Recipe


@dataclass(frozen=True)
class GanRecpad(Despeckler):
    """The despeckling GAN trained on `shapes+recpad` alone: it must undo the grey map of each image as well.

    Parameters
    ----------
    exact
        Whether to compute in float32 where bf16 would be faster, and up to 0.013 off.

    References
    ----------
    Raposo, Azeitona, Afonso, Sanches, "Ultrasound denoising using the pix2pix GAN", RECPAD 2021, pp. 91-92. Network,
    weights and training are ours; data and degradation are the paper's protocol as `shapes` and `recpad` read it.
    """

    exact: bool = True

    name = "gan-recpad"
    card = MethodCard(
        title="GAN despeckler, RECPAD 2021 protocol",
        family="deep, GAN",
        citation="Raposo, Azeitona, Afonso, Sanches, RECPAD 2021, pp. 91-92",
        trained_on=("shapes+recpad/train",),
        note="Expects the grey map of its training data: of use on shapes+recpad, not on real B-mode.",
    )

    @classmethod
    def recipe(
        cls,
        folders: "Mapping[str, Sequence[Path]]",
        width: "int | str" = 32,
        crop: "int | str" = 256,
        products: str = "shapes+recpad",
        adversarial: "float | str" = 0.0005,
    ) -> "Recipe":
        """Return how it is trained; `products` are training sets `source+simulator`, separated by spaces."""
        from .recipes import despeckler_recipe
        from .task import Objective

        network = {"network": "residual-unet", "width": int(width), "blocks": 1, "noise": False}
        objective = Objective(l1=0.2, l2=4.0, structure=0.1, adversarial=float(adversarial), adversarial_from=0.9)
        return despeckler_recipe(products.split(), network, objective, crop=int(crop), folders=folders, zoomed=False)
