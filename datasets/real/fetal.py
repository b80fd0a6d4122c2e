"""Fetal heads: HC18."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from usbench.dataset import DatasetCard

from .base import SPLITS, Picture, RealSet
from .layouts import Entry, Pairs
from .masks import Binary
from .tables import read_table


@dataclass(frozen=True)
class Hc18(RealSet):
    """Fetal heads of HC18 with masks of the head, one image a sample.

    The annotations are outlines of one pixel, which are filled; copies with filled ones are read too. The official test
    set has no annotations, so it is left out. Regions are the brain (the head eroded by 30 % of its radius, inside the
    skull), the ring around the head at the brain's depth, and a homogeneous window inside the brain.
    """

    name = "hc18"
    card = DatasetCard(
        title="HC18, fetal heads",
        kind="real",
        description="800 x 540 grey images of the standard plane, all trimesters; black boxes hide text and are "
        "outside the regions. ROIs: brain against the surroundings of the head at its depth.",
        splits=SPLITS,
        groups="the number that the images of one examination share; women seen twice may be in two groups",
        licence="CC BY 4.0",
        citation="van den Heuvel et al., PLOS ONE 13(8):e0200412, 2018",
        doi="10.5281/zenodo.1327317",
        home="https://hc18.grand-challenge.org",
        size="999 images with masks, 0.2 GB",
    )
    layout = Pairs(
        image=r"training_set/(?P<id>(?P<group>\d+)_\d*HC)\.png",
        masks=(r"training_set/\g<id>_Annotation.png",),
        says="images training_set/NNN_HC.png with NNN_HC_Annotation.png",
    )
    masks = Binary("head", fill=True)
    shrink = 0.3
    homogeneous_in = "head"

    @cached_property
    def _pixel_sizes(self) -> dict[str, float]:
        rows = read_table(self.everything[0].image.parent.parent / "training_set_pixel_size_and_HC.csv")
        sizes = {row.get("filename", ""): row.get("pixel size(mm)", "") for row in rows}
        return {Path(name).stem: float(size) for name, size in sizes.items() if size}

    def read(self, entry: Entry) -> Picture:
        """Read image and mask; the pixel size comes from the table beside the folder, if it is there."""
        size = self._pixel_sizes.get(entry.id)
        return replace(super().read(entry), spacing=(size, size) if size else None)
