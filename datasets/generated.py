"""Phantoms that are drawn from a seed."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from usbench.core.dataset import Count, Dataset, Split
from usbench.core.errors import PluginError
from usbench.core.rng import generator
from usbench.core.sample import Rois, Sample

MOST = 10_000
SEEDS = {"train": range(MOST), "val": range(MOST, 2 * MOST), "test": range(2 * MOST, 3 * MOST)}
SPLITS = "by seed: train 0-9999, val 10000-19999, test 20000-29999"
RANGE_DB = 60.0  # dynamic range of the grey scale, of which one tenth is 6 dB


@dataclass(frozen=True)
class Drawing:
    """A phantom: its displayed echogenicity, (axial, lateral) in [0, 1], the side of a pixel in mm, and its regions."""

    echogenicity: np.ndarray
    spacing: float
    rois: Rois


@dataclass(frozen=True)
class Generated(Dataset):
    """Base of phantoms that are drawn from a seed. The seed is part of the sample's id; splits have disjoint seeds.

    Grey is displayed echogenicity over 60 dB: a grey value x is an amplitude of 10^(3 (x - 1)).

    Parameters
    ----------
    count
        Number of images: the first seeds of the split are used.
    """

    dynamic_range_db: ClassVar[float] = RANGE_DB

    split: Split = "test"
    count: Annotated[Count, Field(le=MOST)] = 24

    def ids(self) -> list[str]:
        """Return `seed-20000` and so on."""
        return [f"seed-{seed:05d}" for seed in SEEDS[self.split][: self.count]]

    def load(self, index: int) -> Sample:
        """Draw phantom number `index`."""
        sample_id = self.ids()[index]
        drawing = self.draw(generator(self.name, self.version, sample_id))
        clean = np.clip(drawing.echogenicity, 0, 1).astype(np.float32)
        spacing = (drawing.spacing, drawing.spacing)
        return Sample(sample_id, clean, clean, drawing.rois, spacing=spacing, dynamic_range_db=self.dynamic_range_db)

    def draw(self, rng: np.random.Generator) -> Drawing:
        """Return a phantom."""
        raise PluginError(f"{type(self).__name__} does not define draw(rng).")
