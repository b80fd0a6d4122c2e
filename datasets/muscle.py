"""A layered muscle: skin, fat, aponeuroses, fascicles and bone."""

from dataclasses import dataclass

import numpy as np

from usbench.core.dataset import DatasetCard
from usbench.core.sample import Rois

from .drawing import Plane, grain, inset, wave
from .generated import SPLITS, Drawing, Generated

SHAPE, SPACING = (256, 320), 0.15
SKIN, FAT, APONEUROSIS, MUSCLE, DEEP_MUSCLE, BONE = 0.82, 0.4, 0.9, 0.42, 0.5, 0.98
APONEUROSIS_MM = 0.9
GUARD_MM = 0.5


@dataclass(frozen=True)
class Muscle(Generated):
    """A pennate muscle in long section between two aponeuroses, over a deeper muscle and bone.

    Fascicles run from aponeurosis to aponeurosis at a pennation angle of 10-24 degrees, as bright perimysium between
    dark bundles; fat has bright septa. There are no echoes from below the surface of the bone. Thicknesses, angles and
    a smooth deformation depend on the seed; the regions are deformed with the image.

    Regions, 0.5 mm away from borders: `fat` against `muscle` (the fascicles), `aponeurosis` (the deep one; 0.2 mm from
    its borders) against `muscle`, `behind_bone` against `deep_muscle`. The deeper muscle is cut across its fascicles
    and is homogeneous.
    """

    name = "muscle"
    card = DatasetCard(
        title="Layered muscle phantom",
        kind="clean",
        anatomy="muscle",
        description="Skin, fat with septa, a pennate muscle between aponeuroses, a deeper muscle and bone. Drawn, 256 "
        "x 320 pixels of 0.15 mm, grey over 60 dB.",
        splits=SPLITS,
        licence="generated",
    )

    def draw(self, rng: np.random.Generator) -> Drawing:
        """Draw the layers from bone to skin."""
        plane = Plane.drawn(SHAPE, SPACING, rng, deformation=0.3)
        skin = 1.6 + wave(plane.lateral, rng, 0.1, 40)
        fat_end = skin + rng.uniform(3.5, 6.0) + wave(plane.lateral, rng, 0.4, 70)
        tilt = np.tan(np.deg2rad(rng.uniform(-3, 3)))
        muscle_end = fat_end + rng.uniform(12, 14.5) + tilt * plane.lateral + wave(plane.lateral, rng, 0.5, 80)
        bone = muscle_end + rng.uniform(8, 10) + wave(plane.lateral, rng, 1.2, 60)

        grey = np.full(SHAPE, DEEP_MUSCLE)
        fascicles = plane.depth < muscle_end
        grey[fascicles] = _fascicles(plane, rng)[fascicles]
        fat = plane.depth < fat_end
        septa = grain(rng, SHAPE, plane.pixels(0.15), plane.pixels(3.0), rng.uniform(-0.08, 0.08))
        grey[fat] = (FAT + 0.3 * np.clip(septa - 1.3, 0, 1))[fat]
        lines = [(line, APONEUROSIS_MM) for line in (fat_end, muscle_end)]
        for line, thickness in lines:
            grey[np.abs(plane.depth - line) < thickness / 2] = APONEUROSIS
        grey[plane.depth > bone] = 0.0
        grey[np.abs(plane.depth - bone - 0.5) < 0.5] = BONE
        grey[plane.depth < skin] = SKIN

        guard = plane.pixels(GUARD_MM)
        middle = np.abs(plane.lateral) < 0.45 * plane.size[1]
        half = APONEUROSIS_MM / 2
        masks = {
            "fat": (plane.depth > skin + GUARD_MM) & (plane.depth < fat_end - half - GUARD_MM) & middle,
            "muscle": (plane.depth > fat_end + half + GUARD_MM) & (plane.depth < muscle_end - half - GUARD_MM) & middle,
            "aponeurosis": (np.abs(plane.depth - muscle_end) < half - 0.2) & middle,
            "deep_muscle": inset(grey == DEEP_MUSCLE, guard) & (plane.depth > muscle_end + half) & middle,
            "behind_bone": (plane.depth > bone + 1 + GUARD_MM) & middle,
        }
        pairs = [("fat", "muscle"), ("aponeurosis", "muscle"), ("behind_bone", "deep_muscle")]
        return Drawing(grey, plane.spacing, Rois(masks, tuple(pairs), ("deep_muscle",)))


def _fascicles(plane: Plane, rng: np.random.Generator) -> np.ndarray:
    """Return the grey of dark bundles with bright, interrupted lines between them."""
    angle = np.deg2rad(rng.uniform(10, 24)) * rng.choice([-1.0, 1.0])
    bundles = grain(rng, SHAPE, plane.pixels(0.2), plane.pixels(3.2), angle)
    weave = grain(rng, SHAPE, plane.pixels(0.6), plane.pixels(3.0), angle)
    return MUSCLE - 0.08 + 0.04 * weave + 0.3 * np.clip(bundles - 0.3, 0, 1.2)
