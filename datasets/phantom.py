"""A tissue-mimicking phantom: cysts of several contrasts and sizes, wires and layers, with exact ROIs."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.dataset import Count, Dataset, DatasetCard, Split
from usbench.core.rng import generator
from usbench.core.sample import Rois, Sample

SIZE = 256
SPACING_MM = (0.15, 0.15)
BACKGROUND = 0.6
CONTRASTS = (-0.6, -0.2, -0.1, 0.1, 0.2)  # displayed grey against the background; -0.6 is anechoic
RADII = (10, 14, 18)
GUARD = 3  # pixels left out on both sides of a border, because of the PSF


@dataclass(frozen=True)
class Phantom(Dataset):
    """Six cysts, a row of wires and two tissue layers on 256 x 256 pixels of 0.15 mm.

    Grey is displayed echogenicity. Contrasts are -0.6 (anechoic), -0.2, -0.1, +0.1 and +0.2 of the grey scale, of which
    one tenth is 6 dB at 60 dB. ROIs are discs inside the cysts and rings around them, 3 pixels away from the border.

    Parameters
    ----------
    count
        Number of images in the split.
    """

    name = "phantom"
    card = DatasetCard(
        title="Cyst, wire and layer phantom",
        kind="clean",
        anatomy="phantom",
        description="Six cysts of five contrasts and three radii, wires one pixel wide, a layer above and one below; "
        "every ROI is known exactly.",
        splits="generated; the split's name is part of the seed",
        licence="generated",
    )

    split: Split = "test"
    count: Annotated[Count, Field(le=10_000)] = 24

    def ids(self) -> list[str]:
        """Return `test-0000` and so on."""
        return [f"{self.split}-{index:04d}" for index in range(self.count)]

    def load(self, index: int) -> Sample:
        """Draw phantom number `index`."""
        sample_id = self.ids()[index]
        clean, rois = draw_phantom(generator(self.name, self.version, sample_id))
        return Sample(id=sample_id, image=clean, reference=clean, rois=rois, spacing=SPACING_MM)


def draw_phantom(rng: np.random.Generator) -> tuple[np.ndarray, Rois]:
    """Return one phantom, float32 (256, 256) in [0, 1], and its ROIs."""
    row, column = np.mgrid[:SIZE, :SIZE]
    clean = np.full((SIZE, SIZE), BACKGROUND, np.float32)
    waves = [rng.uniform(2, 5) * np.sin(2 * np.pi * (column / rng.uniform(90, 250) + rng.random())) for _ in range(2)]
    clean[row < 24 + waves[0]] = BACKGROUND + rng.uniform(0.12, 0.25)
    clean[row > 230 + waves[1]] = BACKGROUND - rng.uniform(0.12, 0.25)

    masks: dict[str, np.ndarray] = {}
    pairs = []
    contrasts = [CONTRASTS[0], *rng.permutation(CONTRASTS)]
    centres = [(y + rng.integers(-4, 5), x + rng.integers(-4, 5)) for y in (73, 181) for x in (44, 128, 212)]
    for number, ((y, x), contrast) in enumerate(zip(centres, rng.permutation(contrasts), strict=True)):
        radius = rng.choice(RADII)
        distance = np.hypot(row - y, column - x)
        clean[distance <= radius] = max(0.0, BACKGROUND + contrast)
        masks[f"cyst{number}"] = distance <= radius - GUARD
        masks[f"ring{number}"] = (distance >= radius + GUARD) & (distance <= radius + GUARD + 0.5 * radius + 4)
        pairs.append((f"cyst{number}", f"ring{number}"))
    wires = [(127 + int(rng.integers(-3, 4)), column + int(rng.integers(-3, 4))) for column in range(28, SIZE - 20, 40)]
    for wire in wires:
        clean[wire] = 1.0
    homogeneous = tuple(background for _, background in pairs)
    return clean, Rois(masks=masks, contrast=tuple(pairs), homogeneous=homogeneous, points=tuple(wires))
