"""`S`: the GAN that turns a clean image into ultrasound."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from usbench.errors import PluginError
from usbench.leakage import Listed, card_fingerprints
from usbench.simulator import Simulated, Simulator, SimulatorCard
from usbench.weights import weights_hash

from .generator import cpu_generator, shipped, translate_plane
from .lrr import low_resolution_input

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from usbench.training.contracts import Recipe


@dataclass(frozen=True)
class GanS(Simulator):
    """A pix2pix generator fed with the low-radiometric-resolution version of the clean image under seed noise.

    It was trained without any MRI, on real B-mode images paired with their own low-resolution version (see
    `SimulatorPairs`). The reference is the clean image with its range stretched to [0, 1], as `S` sees it.

    References
    ----------
    Vieira, Raposo, Azeitona, Afonso, Pedro, Sanches, IEEE Access 12:45811-45823, 2024.
    """

    name: ClassVar[str] = "gan-s"
    card = SimulatorCard(
        title="GAN simulator S",
        speckle="The clean image, min-max scaled, quantised to 8 levels and median filtered twice, is multiplied with "
        "Rayleigh noise of mean 1 and goes through a U-Net-256 trained on real B-mode; the output is in [0, 1].",
        citation="Vieira et al., IEEE Access 12:45811-45823, 2024",
        doi="10.1109/ACCESS.2024.3381630",
    )

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Return the simulated ultrasound; its speckle is drawn with `rng`."""
        index = shipped("gan-s")
        if not index.is_file():
            raise PluginError("gan-s has no weights here; train them with `usbench train gan-s --images FOLDER`.")
        image = translate_plane(cpu_generator(index), low_resolution_input(clean, rng))
        low, high = float(clean.min()), float(clean.max())
        reference = (clean - low) / (high - low) if high > low else clean
        return Simulated(image, reference.astype(np.float32))

    @classmethod
    def recipe(
        cls, folders: "Mapping[str, Sequence[Path]]", width: "int | str" = 24, crop: "int | str" = 128
    ) -> "Recipe":
        """Return how it is trained on folders of real B-mode images."""
        from .recipes import simulator_recipe
        from .task import Objective

        network = {"network": "residual-unet", "width": int(width), "blocks": 1, "noise": True}
        objective = Objective(l1=0.0, brightness=2.0, texture=1.0, adversarial=0.05)
        return simulator_recipe(folders.get("bmode", ()), network, objective, crop=int(crop))

    def weights_hash(self) -> str:
        """Return the hash of the shipped weights."""
        return weights_hash(shipped("gan-s"))

    def training_fingerprints(self) -> list[Listed]:
        """Return the list of training images that goes with the weights."""
        return card_fingerprints(shipped("gan-s"))
