"""The network of `D`, trained by the protocol of RECPAD 2021."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import Despeckler
from .generator import RESIDUAL_UNET

if TYPE_CHECKING:
    from pathlib import Path

    from usbench.training.contracts import Recipe


@dataclass(frozen=True)
class GanRecpad(Despeckler):
    """The despeckling GAN trained on `shapes+recpad` alone, whose grey map it must undo as well.

    Parameters
    ----------
    exact
        Whether to compute in float32; bf16 is faster, but changes the result by up to 0.013.
    weights
        See `Despeckler`.

    References
    ----------
    Raposo, Azeitona, Afonso, Sanches, "Ultrasound denoising using the pix2pix GAN", RECPAD 2021, pp. 91-92. Network,
    weights and training are ours; data and degradation follow the paper's protocol as implemented by `shapes` and
    `recpad`.
    """

    exact: bool = True

    name = "gan-recpad"
    card = TrainedCard(
        MethodCard,
        title="GAN despeckler, RECPAD 2021 protocol",
        family="deep, GAN",
        citation="Raposo, Azeitona, Afonso, Sanches, RECPAD 2021, pp. 91-92",
        note="Expects the grey map of its training data: of use on shapes+recpad, not on real B-mode.",
    )

    training_folders: ClassVar[Mapping[str, Sequence[str]]] = {}

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
        from .recipes import gan_recipe
        from .regression import Objective

        network = {**RESIDUAL_UNET, "width": int(width)}
        objective = Objective(l1=0.2, l2=4.0, structure=0.1, adversarial=float(adversarial), adversarial_from=0.9)
        return gan_recipe(products.split(), network, objective, crop=int(crop), folders=folders, zoomed=False)
