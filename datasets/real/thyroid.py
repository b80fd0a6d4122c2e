"""Thyroid nodules: TN3K and DDTI."""

import json
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from usbench.core.dataset import DatasetCard
from usbench.core.errors import ImageError

from .base import SPLITS, Picture, RealSet
from .layouts import Entry, Pairs, Tree, in_order
from .masks import Binary

MOST_XML_BYTES = 2**22


@dataclass(frozen=True)
class Tn3k(RealSet):
    """TN3K: thyroid nodules. Masks are JPEG with ringing edges, so 150 of 255 and more counts as nodule.

    The test split is the set's own. The val split is that of fold 0, if its list is there.
    """

    name = "tn3k"
    card = DatasetCard(
        title="TN3K, thyroid nodules",
        kind="real",
        anatomy="thyroid",
        description="Several scanners, JPEG, texts and calipers in some. ROIs: nodule against the tissue beside it "
        "at its depth.",
        splits="the set's own test images; of the others, val is that of fold 0 if its list is there",
        groups="none: patients are not identified, so each image is its own group",
        licence="not stated; its code is MIT",
        citation="Gong et al., Comput. Biol. Med. 155:106389, 2023",
        home="https://github.com/haifangong/TRFE-Net-for-thyroid-nodule-segmentation",
        size="3493 images with masks, 0.3 GB",
    )
    layout = Pairs(
        image=r"tn3k/(?P<split>trainval|test)-image/(?P<key>\d+)\.jpg(?P<id>)",
        masks=(r"tn3k/\g<split>-mask/\g<key>.jpg",),
        says="images tn3k/test-image/0000.jpg with tn3k/test-mask/0000.jpg",
    )
    masks = Binary("nodule", threshold=150 / 255)

    def list_entries(self, tree: Tree) -> list[Entry]:
        """Return the entries; train and test are both numbered from 0000, so the folder is part of the id."""
        found = [self.layout.entry(match, tree) for match in self.layout.matches(tree)]
        named = [(f"{entry.image.parent.name.partition('-')[0]}-{entry.image.stem}", entry) for entry in found if entry]
        return in_order(replace(entry, id=name, group=name) for name, entry in named)

    @cached_property
    def _validation(self) -> set[int]:
        file = self.everything[0].image.parent.parent / "tn3k-trainval-fold0.json"
        try:
            return {int(number) for number in json.loads(file.read_text())["val"]}
        except (OSError, ValueError, KeyError, TypeError):
            return set()

    def split_of(self, entry: Entry) -> str:
        """Return the set's own split."""
        if entry.split != "train":
            return entry.split
        return "val" if int(entry.image.stem) in self._validation else "train"


@dataclass(frozen=True)
class Ddti(RealSet):
    """DDTI: thyroid nodules, in the original layout (XML with outlines) or preprocessed (masks of the same name).

    The image `12_1.jpg` is the first of case 12, whose outlines are in `12.xml` as polygons in JSON.
    """

    name = "ddti"
    card = DatasetCard(
        title="DDTI, thyroid nodules",
        kind="real",
        anatomy="thyroid",
        description="JPEG or PNG of screens, texts in some. ROIs: nodule against the tissue beside it at its depth.",
        splits=SPLITS,
        groups="the case in the original layout; none in the preprocessed one",
        licence="free, to be cited",
        citation="Pedraza et al., Proc. SPIE 9287, 2015",
        doi="10.1117/12.2073532",
        home="http://cimalab.unal.edu.co/?lang=es&mod=program&id=5",
        size="480 images of 390 cases, 0.2 GB",
    )
    layout = Pairs(
        image=r"(?P<id>(?P<group>\d+)_\d+)\.jpg",
        masks=(r"\g<group>.xml",),
        says="images 1_1.jpg with 1.xml, or p_image/*.PNG with p_mask/*.PNG",
    )
    preprocessed = Pairs(
        image=r"p_image/(?P<id>[^/]+)\.(?P<suffix>PNG|png)", masks=(r"p_mask/\g<id>.\g<suffix>",), says=""
    )
    masks = Binary("nodule")

    def list_entries(self, tree: Tree) -> list[Entry]:
        """Return the entries of the original layout or, if there are none, of the preprocessed one."""
        return self.layout.entries(tree) or self.preprocessed.entries(tree)

    def read(self, entry: Entry) -> Picture:
        """Read the image, and its nodules from outlines or from a mask."""
        if not entry.masks or entry.masks[0].suffix != ".xml":
            return super().read(entry)
        picture = super().read(replace(entry, masks=()))
        nodules = outlines(entry.masks[0], entry.id.rpartition("_")[2], picture.grey.shape)
        return replace(picture, structures={"nodule": nodules} if nodules.any() else {})


def outlines(file: Path, image: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return the mask of the polygons in a DDTI file for one image of its case.

    Raises
    ------
    ImageError
        If the file cannot be read or is too long.
    """
    from skimage.draw import polygon2mask

    try:
        if file.stat().st_size > MOST_XML_BYTES:
            raise ImageError(f"The outlines {file} are longer than {MOST_XML_BYTES:,} bytes.")
        text = file.read_text(encoding="utf-8", errors="replace")
        found = np.zeros(shape, bool)
        for mark in re.findall(r"<mark>(.*?)</mark>", text, re.DOTALL):
            number = re.search(r"<image>\s*(\d+)\s*</image>", mark)
            drawn = re.search(r"<svg>(.*?)</svg>", mark, re.DOTALL)
            if drawn and drawn[1].strip() and (number is None or number[1] == image):
                for shape_drawn in json.loads(drawn[1].replace("&quot;", '"')):
                    points = [(float(point["y"]), float(point["x"])) for point in shape_drawn["points"]]
                    if len(points) > 2:
                        found |= polygon2mask(shape[:2], np.array(points))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ImageError(f"The outlines {file} cannot be read: {error}.") from None
    return found
