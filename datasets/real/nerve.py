"""Nerves and vessels: usgra-seg."""

from usbench.core.dataset import DatasetCard

from .base import SPLITS, RealSet
from .layouts import Pairs
from .masks import Labels


class Usgra(RealSet):
    """Regional anaesthesia: nerves and vessels of the limbs and the neck, linear probe.

    Masks are palette images with 1 for nerve and 2 for vessel. The regions are the cores of both, each against the
    tissue around it at its depth, and a homogeneous window in the tissue outside.
    """

    name = "usgra"
    card = DatasetCard(
        title="usgra-seg, nerves and vessels",
        kind="real",
        anatomy="nerve",
        description="Mindray TE7, L14-6Ns; traces of JPEG. ROIs: nerve and vessel, each against its surroundings.",
        splits=SPLITS,
        groups="none: volunteers are not identified, so each image is its own group",
        licence="CC BY 4.0",
        citation="Kandaouroff, usgra-seg, 2025",
        home="https://github.com/tmkand/usgra-seg",
        size="244 images with masks, 40 MB",
    )
    layout = Pairs(
        image=r"images/(?P<id>\d+)\.png",
        masks=(r"masks/\g<id>.png",),
        says="images dataset/images/NNNN.png with dataset/masks/NNNN.png",
    )
    masks = Labels({1: "nerve", 2: "vessel"})
