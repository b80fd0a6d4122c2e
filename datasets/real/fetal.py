"""Fetal heads: HC18, and FH-PS-AOP with the pubic symphysis."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from usbench.core.dataset import DatasetCard
from usbench.io import count_frames, frame_image, read_frame
from usbench.public_data.download import Download

from .base import SPLITS, Picture, RealSet
from .layouts import Entry, Pairs
from .masks import Binary, Labels
from .tables import read_table


@dataclass(frozen=True)
class Hc18(RealSet):
    """Fetal heads of HC18 with masks of the head, one image per sample.

    The annotations are outlines of one pixel, which are filled; copies with filled annotations are read too. The
    official test set has no annotations and is left out. Regions are the brain (the head eroded by 30 % of its radius,
    which is inside the skull), the ring around the head at the brain's depth, and a homogeneous window in the brain.
    """

    name = "hc18"
    card = DatasetCard(
        title="HC18, fetal heads",
        kind="real",
        anatomy="fetal",
        description="800 x 540 grey images of the standard plane, all trimesters; no trace of JPEG; black boxes hide "
        "text and are outside the regions. ROIs: brain against the surroundings of the head at its depth.",
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
    downloads = (
        Download("https://zenodo.org/records/1327317/files/training_set.zip", "training_set.zip"),
        Download(
            "https://zenodo.org/records/1327317/files/training_set_pixel_size_and_HC.csv",
            "training_set_pixel_size_and_HC.csv",
        ),
    )
    shrink = 0.3
    homogeneous_in = "head"

    @cached_property
    def _pixel_sizes(self) -> dict[str, float]:
        rows = read_table(self.everything[0].image.parent.parent / "training_set_pixel_size_and_HC.csv")
        sizes = {row.get("filename", ""): row.get("pixel size(mm)", "") for row in rows}
        return {Path(name).stem: float(size) for name, size in sizes.items() if size}

    def read(self, entry: Entry) -> Picture:
        """Read image and mask; the pixel size comes from the table beside the folder, if there is one."""
        size = self._pixel_sizes.get(entry.id)
        return replace(super().read(entry), spacing=(size, size) if size else None)


class FhPsAop(RealSet):
    """FH-PS-AOP: fetal head and pubic symphysis. Images are MHA volumes whose three planes are red, green and blue."""

    name = "fh-ps-aop"
    card = DatasetCard(
        title="FH-PS-AOP, fetal head and pubic symphysis",
        kind="real",
        anatomy="fetal",
        description="256 x 256, several scanners, intrapartum. ROIs: symphysis and head, each against what is beside "
        "it at its depth; labels outside the scan are cut.",
        splits=SPLITS,
        groups="none: frames of one woman are not identified, so each image is its own group",
        licence="CC BY 4.0",
        citation="Jieyun and ZhanHong, Zenodo, 2023; Lu et al., Data in Brief 41:107904, 2022",
        doi="10.5281/zenodo.7851339",
        home="https://zenodo.org/records/7851339",
        size="4000 images with masks, 0.8 GB",
    )
    layout = Pairs(
        image=r"image_mha/(?P<id>\d+)\.mha",
        masks=(r"label_mha/\g<id>.mha",),
        says="images image_mha/00001.mha with label_mha/00001.mha",
    )
    masks = Labels({1: "symphysis", 2: "head"})
    shrink = 0.2

    def read(self, entry: Entry) -> Picture:
        """Read the planes as the colours of one image, and the labels where the image is not black."""
        import numpy as np

        if count_frames(entry.image) != 3:
            picture = super().read(entry)
        else:
            planes = np.stack([read_frame(entry.image, number)[0] for number in range(3)], axis=-1)
            grey, colour = frame_image(planes, entry.image, read_frame(entry.image, 0)[1])
            shape = (grey.pixels.shape[0], grey.pixels.shape[1])
            picture = Picture(grey.pixels, self.masks.read(entry.masks, shape), colour, grey.spacing)
        inside = {name: mask & (picture.grey > 0) for name, mask in picture.structures.items()}
        return replace(picture, structures=inside)
