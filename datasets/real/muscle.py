"""Muscle: TimTrack."""

from usbench.core.dataset import DatasetCard

from .base import SPLITS, RealSet
from .layouts import Pairs


class Timtrack(RealSet):
    """Muscle in long section: fascicles between two aponeuroses, without masks.

    Regions are placed by rule on the image: the brightest and the darkest window at one depth, and the window with
    least structure.
    """

    name = "timtrack"
    card = DatasetCard(
        title="TimTrack, muscle fascicles",
        kind="real",
        anatomy="muscle",
        description="Vastus lateralis during contraction (dataset 1, 8-bit PNG with traces of JPEG) and "
        "gastrocnemius screens with text (dataset 4, BMP). No masks: ROIs by rule on the input image, see the class.",
        splits=SPLITS,
        groups="the subject",
        licence="dataset 1 CC0, dataset 4 CC BY 4.0",
        citation="van der Zee and Kuo, PeerJ 10:e14120, 2022; Seynnes and Cronin, 2020",
        home="https://github.com/timvanderzee/ultrasound-automated-algorithm",
        size="some 100 images, 30 MB",
    )
    layout = Pairs(
        image=r"(?:dataset\d+_[^/]*/)?(?P<id>(?P<group>S\d+|GM_P_\d+)[^/]*)\.(?:png|bmp)",
        says="images S1_*.png or GM_P_*.bmp",
    )
