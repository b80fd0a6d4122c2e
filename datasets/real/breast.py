"""Breast lesions: BUSI, UDIAT, BUS-BRA, BrEaST."""

from usbench.core.dataset import DatasetCard
from usbench.public_data.download import Download

from .base import SPLITS, RealSet
from .layouts import Pairs
from .masks import Binary, ByName


class Busi(RealSet):
    """BUSI: benign and malignant lesions and normal breasts.

    An image `benign (1).png` has a mask `benign (1)_mask.png` and, for several lesions, `_mask_1.png` and so on, of
    which the union is taken. Normal breasts have empty masks; their regions are placed by rule on the image.
    """

    name = "busi"
    card = DatasetCard(
        title="BUSI, breast lesions",
        kind="real",
        anatomy="breast",
        description="LOGIQ E9; cropped screens, saved as JPEG once; parts of texts and calipers in some images. ROIs: "
        "lesion against the tissue beside it at its depth.",
        splits=SPLITS,
        groups="none: 600 women are not identified in the 780 images, so each image is its own group",
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


class Udiat(RealSet):
    """UDIAT (dataset B): breast lesions imaged with a Siemens Sequoia C512, with one mask each."""

    name = "udiat"
    card = DatasetCard(
        title="UDIAT dataset B, breast lesions",
        kind="real",
        anatomy="breast",
        description="Siemens ACUSON Sequoia C512, 17L5; 8-bit PNG. ROIs: lesion against the tissue beside it at its "
        "depth.",
        splits=SPLITS,
        groups="none: patients are not identified, so each image is its own group",
        licence="research agreement with its author",
        citation="Yap et al., IEEE J. Biomed. Health Inform. 22:1218, 2018",
        doi="10.1109/JBHI.2017.2731873",
        home="https://helward.mmu.ac.uk/STAFF/M.Yap/dataset.php",
        size="163 images with masks, on request",
    )
    layout = Pairs(
        image=r"original/(?P<id>\d+)\.png",
        masks=(r"GT/\g<id>.png",),
        says="images original/000001.png with GT/000001.png",
    )
    masks = Binary("lesion")


class BusBra(RealSet):
    """BUS-BRA: breast lesions from four scanners; an image `bus_0001-l.png` has the mask `mask_0001-l.png`."""

    name = "bus-bra"
    card = DatasetCard(
        title="BUS-BRA, breast lesions",
        kind="real",
        anatomy="breast",
        description="Four scanners, 8-bit PNG. ROIs: lesion against the tissue beside it at its depth.",
        splits=SPLITS,
        groups="the patient's number",
        licence="CC BY 4.0",
        citation="Gomez-Flores et al., Med. Phys. 51:3110, 2024",
        doi="10.5281/zenodo.8231412",
        home="https://zenodo.org/records/8231412",
        size="1875 images of 1064 patients with masks, 0.2 GB",
    )
    layout = Pairs(
        image=r"Images/(?P<id>bus_(?P<key>(?P<group>\d+)-\w+))\.png",
        masks=(r"Masks/mask_\g<key>.png",),
        says="images Images/bus_0001-l.png with Masks/mask_0001-l.png",
    )
    downloads = (Download("https://zenodo.org/records/8231412/files/BUSBRA.zip", "BUSBRA.zip"),)
    masks = Binary("lesion")


class Brest(RealSet):
    """BrEaST: breast lesions from several scanners, with `_tumor` and `_other` masks in the same folder."""

    name = "brest"
    card = DatasetCard(
        title="BrEaST, breast lesions",
        kind="real",
        anatomy="breast",
        description="Several scanners, 8-bit PNG. ROIs: tumour, and other structures, each against the tissue beside "
        "it at its depth.",
        splits=SPLITS,
        groups="the case, one patient each",
        licence="CC BY 4.0",
        citation="Pawlowska et al., Sci. Data 11:148, 2024",
        doi="10.1038/s41597-024-02984-z",
        home="https://www.cancerimagingarchive.net/collection/breast-lesions-usg/",
        size="256 images with masks, 0.1 GB",
    )
    layout = Pairs(
        image=r"(?P<id>case\d+)\.png",
        masks=(r"\g<id>_tumor*.png", r"\g<id>_other*.png"),
        says="images case001.png with case001_tumor.png",
    )
    masks = ByName({"_tumor": "tumor", "_other": "other"})
