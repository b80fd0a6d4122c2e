"""Breast lesions: BUSI."""

from usbench.dataset import DatasetCard

from .base import SPLITS, RealSet
from .layouts import Pairs
from .masks import Binary


class Busi(RealSet):
    """BUSI: benign and malignant lesions and normal breasts.

    An image `benign (1).png` has a mask `benign (1)_mask.png` and, where it has several lesions, `_mask_1.png` and so
    on, which are united. Normal breasts have empty masks: their regions are laid by rule on the image.
    """

    name = "busi"
    card = DatasetCard(
        title="BUSI, breast lesions",
        kind="real",
        description="LOGIQ E9; cropped screens, saved as JPEG once; parts of texts and calipers in some images. ROIs: "
        "lesion against the tissue beside it at its depth.",
        splits=SPLITS,
        groups="none: 600 women are not told apart in the 780 images, so each image is its own group",
        licence="conflicting statements of its copies; the article is CC BY 4.0",
        citation="Al-Dhabyani et al., Data in Brief 28:104863, 2020",
        doi="10.1016/j.dib.2019.104863",
        home="https://scholar.cu.edu.eg/?q=afahmy/pages/dataset",
        size="780 images with masks, 0.2 GB",
    )
    layout = Pairs(
        image=r"(?P<kind>benign|malignant|normal)/(?P<id>(?P=kind) \(\d+\))\.png",
        masks=(r"\g<kind>/\g<id>_mask.png", r"\g<kind>/\g<id>_mask_*.png"),
        says="images benign/benign (1).png with benign/benign (1)_mask.png",
    )
    masks = Binary("lesion")
