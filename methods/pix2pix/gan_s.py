"""`S`: the GAN that turns a clean image into ultrasound."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from usbench.errors import PluginError
from usbench.simulator import Simulated, Simulator, SimulatorCard
from usbench.weights import weights_hash

from .generator import cpu_generator, shipped, translate_plane
from .lrr import low_radiometric_resolution, speckle_seed

if TYPE_CHECKING:
    from pathlib import Path

    from usbench.training import Recipe


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
        coarse = low_radiometric_resolution(clean)
        image = translate_plane(cpu_generator(index), speckle_seed(coarse, rng))
        low, high = float(clean.min()), float(clean.max())
        reference = (clean - low) / (high - low) if high > low else clean
        return Simulated(image, reference.astype(np.float32))

    @classmethod
    def recipe(
        cls,
        images: "Path | None" = None,
        width: "int | str" = 64,
        critic_width: "int | str" = 64,
        l1_weight: "float | str" = 10.0,
    ) -> "Recipe":
        """Return how it is trained on a folder of real B-mode images."""
        from .recipes import simulator_recipe

        return simulator_recipe(images, int(width), int(critic_width), float(l1_weight))

    def weights_hash(self) -> str:
        """Return the hash of the shipped weights."""
        return weights_hash(shipped("gan-s"))
