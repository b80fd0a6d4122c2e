"""Cysts of five contrasts at several depths, after the contrast and speckle phantom of PICMUS."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from usbench.core.dataset import DatasetCard
from usbench.core.sample import Rois

from .drawing import Plane, inset, ring
from .generated import RANGE_DB, SPLITS, Drawing, Generated

BACKGROUND = 0.6
CONTRASTS_DB = {"anechoic": -BACKGROUND * RANGE_DB, "m6db": -6.0, "m3db": -3.0, "p3db": 3.0, "p6db": 6.0}
GUARD = 0.07  # of the distance of cysts: left out on both sides of a border, because of the point-spread function
Side = Annotated[int, Field(ge=64, le=2048)]


@dataclass(frozen=True)
class ContrastSpeckle(Generated):
    """Rows of cysts on a homogeneous background: anechoic, -6, -3, +3 and +6 dB.

    Each row is one depth. Contrasts come in random order, in permutations of all five, so that with five columns each
    depth has all of them. Contrasts are those of the scatterers' amplitude; anechoic is black, 36 dB below the
    background. Positions, radii and a smooth deformation depend on the seed; the regions are deformed with the image.
    The background of a cyst is a ring of 0.6 radii; on both sides of the border 0.07 of the distance of cysts is left
    out.

    Parameters
    ----------
    height, width
        In pixels.
    pixel
        Side of a pixel in mm.
    rows, columns
        Number of rows and columns of cysts.

    References
    ----------
    Liebgott, Rodriguez-Molares, Cervenansky, Jensen, Bernard, "Plane-wave imaging challenge in medical ultrasound", IUS
    2016.
    """

    name = "contrast-speckle"
    card = DatasetCard(
        title="Contrast and speckle phantom",
        kind="clean",
        anatomy="phantom",
        description="Cysts in a homogeneous background (grey 0.6), five a row at three depths: anechoic, -6, -3, +3 "
        "and +6 dB, radius 2.0-2.7 mm, 256 x 256 pixels of 0.15 mm, grey over 60 dB. Free of noise; a "
        "layout after PICMUS's phantom, not its file.",
        splits=SPLITS,
        licence="generated",
        citation="Layout after Liebgott et al., IEEE IUS 2016",
        doi="10.1109/ULTSYM.2016.7728908",
    )
    contrasts_db: ClassVar[dict[str, float]] = CONTRASTS_DB

    height: Side = 256
    width: Side = 256
    pixel: Annotated[float, Field(ge=0.02, le=1)] = 0.15
    rows: Annotated[int, Field(ge=1, le=8)] = 3
    columns: Annotated[int, Field(ge=1, le=8)] = 5

    def draw(self, rng: np.random.Generator) -> Drawing:
        """Draw cysts and their regions."""
        shape = (self.height, self.width)
        down, right = self.height * self.pixel / self.rows, self.width * self.pixel / self.columns
        room = min(down, right)
        plane = Plane.drawn(shape, self.pixel, rng, deformation=0.02 * room)
        grey = np.full(shape, BACKGROUND)
        masks: dict[str, np.ndarray] = {}
        guard = plane.pixels(GUARD * room)
        turns = -(-self.rows * self.columns // len(self.contrasts_db))
        names = iter(np.concatenate([rng.permutation(list(self.contrasts_db)) for _ in range(turns)]))
        for row in range(self.rows):
            for column, name in zip(range(self.columns), names, strict=False):
                radius = rng.uniform(0.26, 0.35) * room
                centre = (
                    (row + 0.5) * down + rng.uniform(-0.06, 0.06) * room,
                    (column + 0.5 - self.columns / 2) * right + rng.uniform(-0.06, 0.06) * room,
                )
                cyst = plane.distance(*centre) <= radius
                grey[cyst] = BACKGROUND + self.contrasts_db[name] / RANGE_DB
                key = f"{name}_{row}_{column}"
                masks[key] = inset(cyst, guard)
                masks[f"{key}_ring"] = ring(cyst, guard, guard + plane.pixels(0.6 * radius))
        cysts = grey != BACKGROUND
        far_from_all = ~_widened(cysts, guard)
        pairs = []
        for key in [key for key in masks if not key.endswith("_ring")]:
            masks[f"{key}_ring"] &= far_from_all
            pairs.append((key, f"{key}_ring"))
        return Drawing(grey, plane.spacing, Rois(masks, tuple(pairs), tuple(around for _, around in pairs)))


def _widened(mask: np.ndarray, pixels: float) -> np.ndarray:
    return mask | ring(mask, 0, pixels)
