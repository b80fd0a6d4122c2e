"""A common carotid artery in long and in cross section."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from usbench.core.dataset import DatasetCard
from usbench.core.sample import Rois

from .drawing import Plane, grain, inset, wave
from .generated import SPLITS, Drawing, Generated

SHAPE, SPACING = (256, 320), 0.12
SKIN, FAT, FASCIA, MUSCLE, DEEP = 0.8, 0.42, 0.78, 0.46, 0.56
LUMEN, INTIMA, MEDIA, ADVENTITIA = 0.0, 0.72, 0.36, 0.86
INTIMA_MM, ADVENTITIA_MM = 0.2, 0.9
LOOSE_MM = 20.0  # depth down to which there is loose connective tissue around the vessels
GUARD_MM = 0.5  # distance of regions from borders


@dataclass(frozen=True)
class Carotid(Generated):
    """The artery below skin, fat and the sternocleidomastoid muscle; blood is anechoic.

    The wall is drawn as it appears in B-mode: bright intima, dark media and bright adventitia, with an intima-media
    thickness of 0.5-0.9 mm, the range of healthy adults. In long section half of the arteries have a plaque on the far
    wall. In cross section the wall is bright where the beam is perpendicular to it; the jugular vein lies on one side
    of the artery and the thyroid on the other. Depth, radius, slope, thickness and a smooth deformation depend on the
    seed; the regions are deformed with the image.

    Regions: `lumen` against `deep`, the homogeneous tissue below, and against `muscle`; in cross section also `vein`
    against `thyroid`, which is homogeneous. All are 0.5 mm away from borders.

    Parameters
    ----------
    view
        `long` or `cross`.
    """

    name = "carotid"
    card = DatasetCard(
        title="Carotid phantom, long and cross section",
        kind="clean",
        anatomy="vessel",
        description="Artery with intima, media and adventitia, anechoic blood, below skin, fat and muscle; in cross "
        "section with jugular vein and thyroid. Drawn, 256 x 320 pixels of 0.12 mm, grey over 60 dB.",
        splits=SPLITS,
        licence="generated",
    )

    view: Literal["long", "cross"] = "long"

    def draw(self, rng: np.random.Generator) -> Drawing:
        """Draw the neck, then the vessels."""
        plane = Plane.drawn(SHAPE, SPACING, rng, deformation=0.25)
        grey, muscle = _neck(plane, rng)
        masks = {"muscle": muscle}
        if self.view == "long":
            lumen, wall = _long(plane, grey, rng)
            pairs = [("lumen", "deep"), ("lumen", "muscle")]
            homogeneous = ["deep"]
        else:
            lumen, wall = _cross(plane, grey, masks, rng)
            pairs = [("lumen", "deep"), ("lumen", "muscle"), ("vein", "thyroid")]
            homogeneous = ["deep", "thyroid"]
        guard = plane.pixels(GUARD_MM)
        height, width = plane.size
        below = (plane.depth > 0.72 * height) & (plane.depth < 0.95 * height) & (np.abs(plane.lateral) < 0.3 * width)
        masks["lumen"] = inset(lumen, guard)
        masks["deep"] = inset(below & ~wall & (grey == DEEP), guard)
        masks["muscle"] = inset(muscle & ~wall, guard)
        return Drawing(grey, plane.spacing, Rois(masks, tuple(pairs), tuple(homogeneous)))


def _neck(plane: Plane, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the grey of skin, fat, muscle and deep tissue, and the mask of the muscle."""
    skin = 1.3 + wave(plane.lateral, rng, 0.15, 25)
    fat = skin + rng.uniform(1.6, 3.0) + wave(plane.lateral, rng, 0.3, 40)
    muscle_end = fat + rng.uniform(4.0, 5.5) + wave(plane.lateral, rng, 0.5, 60)
    grey = np.full(SHAPE, DEEP)
    threads = grain(rng, SHAPE, plane.pixels(0.14), plane.pixels(1.8), rng.uniform(-0.1, 0.1))
    loose = plane.depth < LOOSE_MM + wave(plane.lateral, rng, 1.0, 30)
    grey[loose] = (DEEP - 0.04 + 0.12 * np.clip(threads - 0.6, 0, 1.5))[loose]
    muscle = (plane.depth > fat + 0.5) & (plane.depth < muscle_end - 0.5)
    striae = grain(rng, SHAPE, plane.pixels(0.12), plane.pixels(2.5), rng.uniform(-0.06, 0.06))
    between = plane.depth < muscle_end
    grey[between] = (MUSCLE + 0.05 * striae + 0.09 * np.maximum(striae - 1.2, 0))[between]
    lobules = grain(rng, SHAPE, plane.pixels(0.25), plane.pixels(1.2))
    in_fat = plane.depth < fat
    grey[in_fat] = (FAT + 0.05 * lobules)[in_fat]
    grey[plane.depth < skin] = SKIN
    for line, thickness in ((fat, 0.35), (muscle_end, 0.4)):
        grey[np.abs(plane.depth - line) < thickness / 2] = FASCIA
    return grey, muscle


def _long(plane: Plane, grey: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the artery along its axis; return the masks of the blood, and of blood and wall."""
    radius = rng.uniform(2.6, 3.4)
    axis = rng.uniform(15.2, 17.0) + np.tan(rng.uniform(-0.07, 0.07)) * plane.lateral
    axis = axis + wave(plane.lateral, rng, 0.4, 70)
    off = plane.depth - axis
    outside = np.abs(off) - radius
    _wall(grey, outside, np.ones(SHAPE), rng.uniform(0.5, 0.9))
    lumen = outside < 0
    if rng.random() < 0.5:
        place, length, height = rng.uniform(-9, 9), rng.uniform(2.5, 5.0), rng.uniform(0.25, 0.45) * 2 * radius
        cap = radius - height * np.exp(-(((plane.lateral - place) / length) ** 4))
        plaque = lumen & (off > cap) & (height * np.exp(-(((plane.lateral - place) / length) ** 4)) > 0.2)
        grey[plaque] = rng.uniform(0.35, 0.6)
        grey[plaque & (off < cap + INTIMA_MM)] = INTIMA
        lumen = lumen & ~plaque
    grey[lumen] = LUMEN
    return lumen, outside < 1.5 + ADVENTITIA_MM


def _cross(
    plane: Plane, grey: np.ndarray, masks: dict[str, np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw artery, vein, thyroid and trachea; return the masks of the artery's blood, and of all of them."""
    side = rng.choice([-1.0, 1.0])
    radius = rng.uniform(2.8, 3.5)
    centre = (rng.uniform(15.5, 17.0), side * rng.uniform(0.5, 2.0))
    guard = plane.pixels(GUARD_MM)

    trachea = plane.radius_in((centre[0] + 3.0, centre[1] - side * 19.5), (7.5, 8.0))
    thyroid = plane.radius_in((centre[0] - 0.3, centre[1] - side * (radius + 6.6)), (4.6, 5.0), side * 0.3)
    gland = (thyroid < 1) & (trachea > 1.05)
    grey[gland] = 0.66
    grey[(np.abs(thyroid - 1.03) < 0.045) & (trachea > 1.05)] = FASCIA
    grey[trachea < 1] = 0.12
    grey[(np.abs(trachea - 1) < 0.06) & (plane.depth < centre[0] + 4)] = 0.95

    vein_axes = (rng.uniform(1.8, 2.6), rng.uniform(3.6, 4.8))
    vein = plane.radius_in((centre[0] - 1.6, centre[1] + side * (radius + 2.2 + vein_axes[1])), vein_axes, side * 0.2)
    grey[vein < 1 + 0.35 / vein_axes[0]] = 0.66
    grey[vein < 1] = LUMEN

    away = plane.distance(*centre)
    facing = np.abs(plane.depth - centre[0]) / np.maximum(away, 1e-6)
    _wall(grey, away - radius, facing, rng.uniform(0.5, 0.9))
    lumen = away < radius
    grey[lumen] = LUMEN
    covered = (away < radius + 2.0) | (vein < 1.3) | (thyroid < 1.1) | (trachea < 1.1)
    masks["vein"] = inset((vein < 1) & (away > radius + 2.0), guard)
    masks["thyroid"] = inset(gland & (away > radius + 2.0), guard)
    return lumen, covered


def _wall(grey: np.ndarray, outside: np.ndarray, facing: np.ndarray, thickness: float) -> None:
    """Draw intima, media and adventitia over the tissue.

    `outside` is the distance from the lumen in mm, `facing` the cosine between the wall's normal and the beam, on which
    the brightness of a specular border depends, and `thickness` that of intima and media.
    """
    shine = np.clip(facing, 0, 1) ** 2
    end = thickness + ADVENTITIA_MM
    layer = (outside >= 0) & (outside < thickness)
    grey[layer] = MEDIA
    layer = (outside >= 0) & (outside < INTIMA_MM)
    grey[layer] = (MEDIA + (INTIMA - MEDIA) * shine)[layer]
    layer = (outside >= thickness) & (outside < end)
    fading = (ADVENTITIA - DEEP) * (0.25 + 0.75 * shine) * (1 - 0.6 * (outside - thickness) / ADVENTITIA_MM)
    grey[layer] = (DEEP + fading)[layer]
