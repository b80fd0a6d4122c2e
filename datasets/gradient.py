"""A gradient of echogenicity, for the dynamic-range test."""

from dataclasses import dataclass

import numpy as np

from usbench.core.dataset import DatasetCard
from usbench.core.sample import Rois

from .generated import RANGE_DB, SPLITS, Drawing, Generated

SHAPE, SPACING = (128, 256), 0.15


@dataclass(frozen=True)
class Gradient(Generated):
    """Echogenicity that falls steadily across the image, by 25 to 45 dB, to the right or to the left.

    What a method makes of it tells whether it keeps the dynamic range (`grey_slope`).

    References
    ----------
    Rindal, Austeng, Fatemi, Rodriguez-Molares, "The effect of dynamic range alterations in the estimation of contrast",
    IEEE Trans. UFFC 66(7):1198-1208, 2019.
    """

    name = "gradient"
    card = DatasetCard(
        title="Gradient phantom",
        kind="clean",
        anatomy="phantom",
        description="Echogenicity that falls by 25 to 45 dB across the image, 128 x 256 pixels of 0.15 mm, grey over "
        "60 dB: the dynamic-range test.",
        splits=SPLITS,
        licence="generated",
        citation="After Rindal et al., IEEE Trans. UFFC 66(7):1198-1208, 2019",
        doi="10.1109/TUFFC.2019.2911267",
    )

    def draw(self, rng: np.random.Generator) -> Drawing:
        """Draw a gradient."""
        fall_db, top = rng.uniform(25, 45), rng.uniform(0.8, 0.9)
        columns = np.linspace(0, 1, SHAPE[1])
        level = top - fall_db / RANGE_DB * (columns if rng.random() < 0.5 else columns[::-1])
        grey = np.broadcast_to(level, SHAPE).copy()
        return Drawing(grey, SPACING, Rois({"gradient": np.ones(SHAPE, bool)}))
