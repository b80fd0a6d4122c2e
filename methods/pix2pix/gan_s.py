"""`S`: the GAN that simulates ultrasound from a clean image."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from usbench.core.errors import PluginError
from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.weights.leakage import Listed, card_fingerprints
from usbench.weights.shards import weights_hash

from ..trained_card import TrainedCard
from .generator import RESIDUAL_UNET, reproducible_generator, shipped, translate_plane
from .lrr import low_resolution_input
from .paper import CITATION, DOI
from .quantise import to_16_bits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from usbench.training.contracts import Recipe

SMOOTHING = 5.0  # pixels; of a simulated and a clean image before their grey scales are compared
FLAT = 1e-8  # variance of an image without contrast


@dataclass(frozen=True)
class GanS(Simulator):
    """A pix2pix generator whose input is a low-radiometric-resolution version of the clean image, and random speckle.

    It was trained without MRI, on real B-mode images paired with their own low-resolution versions (see
    `SimulatorPairs`). The reference is the clean image on the grey scale of the simulated one (`on_grey_scale_of`).

    References
    ----------
    Vieira, Raposo, Azeitona, Afonso, Pedro, Sanches, IEEE Access 12:45811-45823, 2024.
    """

    name: ClassVar[str] = "gan-s"
    version: ClassVar[str] = "2"
    card = TrainedCard(
        SimulatorCard,
        title="GAN simulator S",
        speckle="The clean image, min-max scaled, quantised to 8 levels and median filtered twice, goes with the "
        "logarithm of a Rayleigh envelope of random grain through a residual U-Net trained on real B-mode; the output "
        "is clipped to [0, 1]. The reference is the clean image under the affine grey map that fits it to the output.",
        citation=CITATION,
        doi=DOI,
    )

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Return the simulated ultrasound, with speckle drawn from `rng`."""
        index = self.weights_index()
        if not index.is_file():
            raise PluginError("gan-s has no weights here; train them with `usbench train gan-s --bmode FOLDER`.")
        image = translate_plane(reproducible_generator(index), low_resolution_input(clean, rng))
        return Simulated(image, on_grey_scale_of(image, clean))

    @classmethod
    def recipe(
        cls, folders: "Mapping[str, Sequence[Path]]", width: "int | str" = 24, crop: "int | str" = 128
    ) -> "Recipe":
        """Return how it is trained on folders of real B-mode images."""
        from .recipes import simulator_recipe
        from .task import Objective

        network = {**RESIDUAL_UNET, "width": int(width), "noise": True}
        objective = Objective(l1=0.0, brightness=2.0, texture=1.0, detail=10.0, adversarial=0.03)
        return simulator_recipe(folders.get("bmode", ()), network, objective, crop=int(crop))

    def weights_hash(self) -> str:
        """Return the hash of the shipped weights."""
        return weights_hash(self.weights_index())

    def training_fingerprints(self) -> list[Listed]:
        """Return the fingerprints of the training images, which are listed with the weights."""
        return card_fingerprints(self.weights_index())

    @classmethod
    def weights_index(cls) -> "Path":
        """Return the path of the card of the shipped weights."""
        return shipped("gan-s")


def on_grey_scale_of(image: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Return the clean image with the gain and offset that fit it best to the simulated image, both smoothed.

    `S` changes the grey scale, as a scanner does. Despeckling is not meant to undo that.
    """
    from scipy.ndimage import gaussian_filter

    made, true = (gaussian_filter(plane.astype(np.float64), SMOOTHING) for plane in (image, clean))
    centred = true - true.mean()
    variance = float(np.mean(centred**2))
    gain = max(0.0, float(np.mean(centred * made)) / variance) if variance > FLAT else 0.0
    return to_16_bits(np.clip(made.mean() + gain * (clean - true.mean()), 0, 1))
