"""Carotid arteries: SPLab's and CCAUI."""

from usbench.core.dataset import DatasetCard

from .base import SPLITS, RealSet
from .layouts import Pairs
from .masks import Binary


class Cca(RealSet):
    """SPLab's common carotid artery in long section, without masks; regions are placed by rule on the image."""

    name = "cca"
    card = DatasetCard(
        title="SPLab Brno, common carotid artery",
        kind="real",
        anatomy="vessel",
        description="Longitudinal B-mode, two scanners. No masks: bright and dark windows at one depth, and the "
        "window with least structure.",
        splits=SPLITS,
        groups="none in the files: each image is its own group, although volunteers have several",
        licence="free for research, to be cited",
        citation="Riha et al., Signal Processing Laboratory, Brno University of Technology",
        home="https://splab.cz/en/download/databaze/ultrasound",
        size="84 images, 20 MB",
    )
    layout = Pairs(
        image=r"(?P<id>[^/]+)\.(?:png|bmp|jpe?g|tiff?|PNG|BMP|JPE?G|TIFF?)",
        says="pictures (PNG, BMP, JPEG or TIFF)",
    )


class Ccaui(RealSet):
    """CCAUI: frames of the common carotid artery in cross section, with masks of the artery in another folder."""

    name = "ccaui"
    card = DatasetCard(
        title="CCAUI, common carotid artery",
        kind="real",
        anatomy="vessel",
        description="Mindray UMT-500Plus, L13-3s; frames of videos. ROIs: the artery against the tissue beside it at "
        "its depth.",
        splits=SPLITS,
        groups="the video, one subject each: the name before `_slice_`",
        licence="CC BY 4.0",
        citation="Momot, Mendeley Data, 2022",
        doi="10.17632/d4xt63mgjm.1",
        home="https://data.mendeley.com/datasets/d4xt63mgjm/1",
        size="1100 images of 11 subjects with masks, 0.2 GB",
    )
    layout = Pairs(
        image=r"(?:US images|images)/(?P<id>(?P<group>[^/]+?)(?:_slice_\d+)?)\.png",
        masks=(r"Expert mask images/\g<id>.png", r"masks/\g<id>.png", r"mask/\g<id>.png"),
        says="images `US images/*.png` with `Expert mask images/*.png` of the same name",
    )
    masks = Binary("artery")
