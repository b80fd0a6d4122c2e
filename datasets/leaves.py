"""Dead leaves: generated images with the statistics of natural ones."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.dataset import DatasetCard
from usbench.core.sample import Rois

from .generated import SPLITS, Drawing, Generated

SPACING = 0.15  # mm
FINER = 2  # supersampling: a pixel is the mean of 2 x 2 drawn ones
DARKEST, BRIGHTEST = 0.05, 0.9


@dataclass(frozen=True)
class Leaves(Generated):
    r"""Opaque discs that occlude each other and cover the whole image.

    Centres and grey values are uniform, and radii have the density :math:`r^{-3}` between two bounds, the only one for
    which the image is scale-invariant, as natural images are. There are edges, junctions and flat regions of all sizes,
    but no anatomy.

    Parameters
    ----------
    size
        Height and width in pixels.
    smallest, largest
        Bounds of the radii in pixels.

    References
    ----------
    Lee, Mumford, Huang, "Occlusion models for natural images: a statistical study of a scale-invariant dead leaves
    model", Int. J. Comput. Vis. 41(1/2):35-59, 2001.
    """

    name = "leaves"
    card = DatasetCard(
        title="Dead leaves",
        kind="clean",
        anatomy="picture",
        description="Occluding discs of uniform grey (0.05-0.9) with radii of 3 to 100 pixels, density r^-3, "
        "256 x 256 pixels, grey over 60 dB: the statistics of natural images, without any.",
        splits=SPLITS,
        licence="generated",
        citation="Lee, Mumford, Huang, Int. J. Comput. Vis. 41:35-59, 2001",
        doi="10.1023/A:1011109015675",
    )

    size: Annotated[int, Field(ge=64, le=1024)] = 256
    smallest: Annotated[float, Field(ge=1, le=50)] = 3.0
    largest: Annotated[float, Field(ge=10, le=500)] = 100.0

    def draw(self, rng: np.random.Generator) -> Drawing:
        """Draw discs, the topmost first, until the image is covered."""
        side = self.size * FINER
        grey = np.full((side, side), np.nan)
        bare = grey.size
        while bare:
            row, column = rng.uniform(-self.largest, self.size + self.largest, 2) * FINER
            radius = _radius(rng, self.smallest, self.largest) * FINER
            level = rng.uniform(DARKEST, BRIGHTEST)
            rows, columns = (
                np.arange(max(0, int(at - radius)), min(side, int(at + radius) + 2)) for at in (row, column)
            )
            if not (rows.size and columns.size):
                continue
            box = grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            inside = (rows[:, None] - row) ** 2 + (columns - column) ** 2 <= radius**2
            seen = inside & np.isnan(box)
            box[seen] = level
            bare -= int(np.count_nonzero(seen))
        pixels = grey.reshape(self.size, FINER, self.size, FINER).mean(axis=(1, 3))
        return Drawing(pixels, SPACING, Rois())


def _radius(rng: np.random.Generator, smallest: float, largest: float) -> float:
    """Return a random radius with density :math:`r^{-3}`."""
    low, high = smallest**-2, largest**-2
    return float((low - rng.random() * (low - high)) ** -0.5)
