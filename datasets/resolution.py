"""Wires in weak speckle, after the resolution and distortion phantom of PICMUS."""

from dataclasses import dataclass

import numpy as np

from usbench.core.dataset import DatasetCard
from usbench.core.sample import Rois

from .drawing import Plane
from .generated import SPLITS, Drawing, Generated

SHAPE, SPACING = (256, 256), 0.15
BACKGROUND = 0.35
MARGIN_MM, BETWEEN_MM = 3.0, 4.6
JITTER_MM = 0.6
ROW_DEPTHS = (1 / 3, 2 / 3)  # depths of the rows of wires, as fractions of the height
CLEAR_MM = 2.2  # distance of regions from wires


@dataclass(frozen=True)
class Resolution(Generated):
    """A column of wires in the middle and two rows of wires across, on a homogeneous background.

    A wire is one white pixel, 39 dB above the background, which a simulator turns into its point-spread function. Wires
    are 4.6 mm apart and displaced randomly by up to 0.6 mm, so that their profiles of 12 pixels do not overlap. Six
    regions of background are 2.2 mm away from them.

    References
    ----------
    Liebgott, Rodriguez-Molares, Cervenansky, Jensen, Bernard, "Plane-wave imaging challenge in medical ultrasound", IUS
    2016.
    """

    name = "resolution"
    card = DatasetCard(
        title="Resolution phantom",
        kind="clean",
        anatomy="phantom",
        description="Wires of one pixel (white) in a homogeneous background (grey 0.35): a column of eight and two "
        "rows across, 4.6 mm apart, 256 x 256 pixels of 0.15 mm, grey over 60 dB. Layout after PICMUS, not its file.",
        splits=SPLITS,
        licence="generated",
        citation="Layout after Liebgott et al., IEEE IUS 2016",
        doi="10.1109/ULTSYM.2016.7728908",
    )

    def draw(self, rng: np.random.Generator) -> Drawing:
        """Place wires and regions."""
        plane = Plane.drawn(SHAPE, SPACING, rng)
        height, width = plane.size
        places = [(depth, 0.0) for depth in np.arange(MARGIN_MM, height - MARGIN_MM, BETWEEN_MM)]
        across = np.arange(BETWEEN_MM, width / 2 - MARGIN_MM + 1e-9, BETWEEN_MM)
        for part in ROW_DEPTHS:
            depth = min((place[0] for place in places), key=lambda depth: abs(depth - part * height))
            places += [(depth, side * lateral) for lateral in across for side in (-1, 1)]
        grey = np.full(SHAPE, BACKGROUND)
        points = []
        clear = np.ones(SHAPE, bool)
        for depth, lateral in places:
            down, right = rng.uniform(-JITTER_MM, JITTER_MM, 2)
            point = (round((depth + down) / SPACING), round((lateral + right) / SPACING + (SHAPE[1] - 1) / 2))
            points.append(point)
            grey[point] = 1.0
            clear &= plane.distance(*_place(point)) > CLEAR_MM
        masks = {}
        for name, low, high in (("top", 0.06, 0.3), ("middle", 0.37, 0.63), ("bottom", 0.7, 0.94)):
            band = (plane.depth > low * height) & (plane.depth < high * height) & clear
            for side, half in (("left", plane.lateral < 0), ("right", plane.lateral > 0)):
                inside = np.abs(np.abs(plane.lateral) - width / 4) < 0.2 * width
                masks[f"{name}_{side}"] = band & half & inside
        return Drawing(grey, plane.spacing, Rois(masks, (), tuple(masks), tuple(points)))


def _place(point: tuple[int, int]) -> tuple[float, float]:
    """Return depth and lateral position of a pixel's centre in mm."""
    return (point[0] + 0.5) * SPACING, (point[1] - (SHAPE[1] - 1) / 2) * SPACING
