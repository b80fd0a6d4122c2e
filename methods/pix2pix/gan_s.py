"""`S`: the GAN that simulates ultrasound from a clean image."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from usbench.core.errors import PluginError
from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.ultrasound.expected_display import in_16_bits
from usbench.weights.leakage import Listed, card_fingerprints
from usbench.weights.shards import read_index, weights_hash

from ..trained_card import TrainedCard
from .baseline_sets import BMODE_FOLDERS
from .generator import load_generator, reproducible_generator, shipped
from .lrr import low_radiometric_resolution
from .paper import CITATION, DOI
from .style import Style, style_planes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import nn

    from usbench.training.contracts import Recipe

POWERS = (0.6, 1.3)  # of the clean image's grey scale
GREY_LEVELS = 255


@dataclass(frozen=True)
class GanS(Simulator):
    """A U-Net that paints drawn speckle over a low-radiometric-resolution version of the clean image.

    It was trained without clean images, on real B-mode frames from which the speckle had been removed (see
    `SimulatorPairs`). The style of an image is its grain, the strength of the speckle, brightness and dynamic range. It
    is drawn from the styles of real frames, or set. The reference is the expected display: the mean of other drawings
    of the same image in the same style.

    Parameters
    ----------
    axial, lateral
        Size of the grain in pixels: full widths at half maximum of the autocorrelation of the fine structure. Drawn if
        0.
    contrast
        Strength of the speckle, its standard deviation over the square root of the local mean. Drawn if 0.
    gain
        Grey of what is white in the clean image. Drawn if 0.
    power
        Exponent of the clean image's grey scale: a greater one is a smaller dynamic range. Drawn if 0.
    levels
        Grey levels of the clean image, as in training if 8. With 256 the reference has no steps in smooth regions.
    drawings
        Number of drawings whose mean is the reference, each without the share that its speckle fields have linearly.
    exact
        Whether to compute in float64, so that images are the same on every machine; else as fast as possible.

    References
    ----------
    Vieira, Raposo, Azeitona, Afonso, Pedro, Sanches, IEEE Access 12:45811-45823, 2024.
    """

    name: ClassVar[str] = "gan-s"
    version: ClassVar[str] = "4"
    card = TrainedCard(
        SimulatorCard,
        title="GAN simulator S",
        speckle="The clean image to the power of 0.6-1.3, min-max scaled, quantised to 8 levels and median filtered "
        "twice, goes with the envelopes of two speckle fields of random grain through a U-Net trained on real B-mode; "
        "the output is clipped to [0, 1] and rounded to 8 bit. The reference is the mean over drawings.",
        citation=CITATION,
        doi=DOI,
    )
    training_folders: ClassVar = {
        "bmode": BMODE_FOLDERS,
        "mri": ("mri_many", "mri_studyforrest_t1w"),
    }

    axial: Annotated[float, Field(ge=0, le=20)] = 0.0
    lateral: Annotated[float, Field(ge=0, le=20)] = 0.0
    contrast: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    gain: Annotated[float, Field(ge=0, le=1)] = 0.0
    power: Annotated[float, Field(ge=0, le=4)] = 0.0
    levels: Annotated[int, Field(ge=2, le=256)] = 8
    drawings: Annotated[int, Field(ge=1, le=1024)] = 40
    exact: bool = True

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Return the simulated ultrasound, with style and speckle drawn from `rng`."""
        index = self.weights_index()
        if not index.is_file():
            raise PluginError("gan-s has no weights here; train them with `usbench train gan-s --bmode FOLDER`.")
        style, power = self.drawn_style(rng), float(rng.uniform(*POWERS))
        condition = low_radiometric_resolution(clean.astype(np.float64) ** (self.power or power), self.levels)
        network = reproducible_generator(index) if self.exact else _fast_generator(index)
        shown, strengths, fields = (
            np.stack(parts)
            for parts in zip(*(_drawing(network, condition, style, rng) for _ in range(1 + self.drawings)), strict=True)
        )
        # the mean over draws of a field is 0, so without its share the mean of a few drawings is that of many
        without = shown[1:] - (strengths[1:].mean(0) * fields[1:]).sum(1)
        return Simulated(shown[0].astype(np.float32), in_16_bits(without.mean(0).clip(0, 1)))

    def drawn_style(self, rng: np.random.Generator) -> Style:
        """Return the style of a real frame, with what the parameters set."""
        styles = _styles(self.weights_index())
        axial, lateral, contrast, gain = styles[int(rng.integers(len(styles)))]
        return Style(self.axial or axial, self.lateral or lateral, self.contrast or contrast, self.gain or gain)

    @classmethod
    def recipe(
        cls,
        folders: "Mapping[str, Sequence[Path]]",
        width: "int | str" = 20,
        crop: "int | str" = 128,
        adversarial: "float | str" = 0.5,
        adversarial_from: "float | str" = 0.3,
    ) -> "Recipe":
        """Return how it is trained on folders of real B-mode images and of MRI."""
        from .simulator_recipe import simulator_recipe
        from .simulator_task import SimulatorObjective

        objective = SimulatorObjective(adversarial=float(adversarial), adversarial_from=float(adversarial_from))
        return simulator_recipe(folders, int(width), objective, crop=int(crop))

    def weights_hash(self) -> str:
        """Return the hash of the shipped weights."""
        return weights_hash(self.weights_index())

    def training_fingerprints(self) -> list[Listed]:
        """Return the fingerprints of the training images, which are listed with the weights."""
        return card_fingerprints(self.weights_index())

    @classmethod
    def weights_index(cls) -> Path:
        """Return the path of the card of the shipped weights."""
        return shipped("gan-s")


def _drawing(
    network: "nn.Module", condition: np.ndarray, style: Style, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a drawing (H, W), rounded to 8 bit, and strength and values of its two speckle fields, (2, H, W) each."""
    import torch

    from .speckle_unet import SpeckleUnet, painted
    from .tiles import apply_in_tiles

    assert isinstance(network, SpeckleUnet)
    planes = torch.from_numpy(style_planes(condition, style.on_picture(), rng))[None].to(network.number_type)
    with torch.inference_mode():
        components = apply_in_tiles(network.components, planes, network.tiling)
        shown = painted(planes, components)[0, 0].clamp(0, 1)
    return (
        (np.round(shown.numpy() * GREY_LEVELS) / GREY_LEVELS),
        components[0, 1:].numpy(),
        planes[0, 1:3].numpy(),
    )


@cache
def _fast_generator(index: Path) -> "nn.Module":
    return load_generator(index)


@cache
def _styles(index: Path) -> list[tuple[float, float, float, float]]:
    """Return the styles of real frames that are listed in the card of the weights."""
    return [tuple(style) for style in read_index(index)["styles"]]
