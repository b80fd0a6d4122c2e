"""A fetal head in the transthalamic plane."""

from dataclasses import dataclass

import numpy as np

from usbench.core.dataset import DatasetCard
from usbench.core.sample import Rois

from .drawing import Plane, grain, inset, ring, wave
from .generated import SPLITS, Drawing, Generated

SHAPE, SPACING = (256, 320), 0.5
FLUID, BRAIN, THALAMUS, PLEXUS, SKULL, UTERUS = 0.0, 0.36, 0.27, 0.56, 0.97, 0.58
SKULL_MM = 2.6
GUARD_MM = 2.0


@dataclass(frozen=True)
class FetalHead(Generated):
    """Skull, brain with midline, thalami, cavum and choroid plexus, amniotic fluid, uterine and abdominal wall.

    The skull is an ellipse with a biparietal diameter of 72-92 mm (about 29 to 38 weeks) and a cephalic index of
    0.74-0.83, rotated by up to 25 degrees. It is bright where the beam is perpendicular to it and fades at the sides.
    Sizes, positions and a smooth deformation depend on the seed; the regions are deformed with the image.

    Regions, 2 mm away from borders: `fluid` against `brain`, `thalami` against the ring of brain around them
    (`around_thalami`), `plexus` against `brain`; brain and uterus are homogeneous.
    """

    name = "fetal-head"
    card = DatasetCard(
        title="Fetal head phantom",
        kind="clean",
        anatomy="fetal",
        description="Transthalamic plane: skull whose brightness depends on the angle to the beam, brain with midline, "
        "thalami, cavum and choroid plexus, amniotic fluid, uterine wall. Drawn, 256 x 320 pixels of 0.5 mm, grey "
        "over 60 dB.",
        splits=SPLITS,
        licence="generated",
    )

    def draw(self, rng: np.random.Generator) -> Drawing:
        """Draw from outside to inside."""
        plane = Plane.drawn(SHAPE, SPACING, rng, deformation=0.9)
        grey, uterus = _mother(plane, rng)
        short = rng.uniform(72, 92) / 2
        long = short / rng.uniform(0.74, 0.83)
        centre = (rng.uniform(66, 72), rng.uniform(-6, 6))
        head = Head(plane, centre, (short, long), np.deg2rad(rng.uniform(-25, 25)))
        pool = (centre[0] + rng.uniform(-2, 3), centre[1] + rng.uniform(-14, 14))
        reach = short + rng.uniform(8, 13)
        filled = plane.radius_in(pool, (reach, long + rng.uniform(16, 30)), head.angle / 2)
        behind = plane.depth > pool[0] + rng.uniform(1.12, 1.2) * reach - 12 * (2 * plane.lateral / plane.size[1]) ** 2
        grey[behind] = (0.42 + 0.06 * grain(rng, SHAPE, plane.pixels(1.0), plane.pixels(8)))[behind]
        cavity = (filled < 1) & (plane.depth > uterus)
        grey[cavity] = FLUID
        masks = _draw_head(grey, head, rng)
        guard = plane.pixels(GUARD_MM)
        masks["fluid"] = inset(cavity & (head.place > 1 + SKULL_MM / short), guard)
        masks["uterus"] = inset((grey == UTERUS) & (plane.depth > 4) & (head.place > 1.1), guard)
        pairs = (("fluid", "brain"), ("thalami", "around_thalami"), ("plexus", "brain"))
        return Drawing(grey, plane.spacing, Rois(masks, pairs, ("brain", "uterus")))


@dataclass(frozen=True)
class Head:
    """Coordinates relative to the head: mm along the midline and across it."""

    plane: Plane
    centre: tuple[float, float]
    half_axes: tuple[float, float]
    angle: float

    @property
    def across(self) -> np.ndarray:
        """Distance from the midline in mm, positive below."""
        down, right = self.plane.depth - self.centre[0], self.plane.lateral - self.centre[1]
        return np.cos(self.angle) * down + np.sin(self.angle) * right

    @property
    def along(self) -> np.ndarray:
        """Position along the midline in mm, from the head's centre."""
        down, right = self.plane.depth - self.centre[0], self.plane.lateral - self.centre[1]
        return np.cos(self.angle) * right - np.sin(self.angle) * down

    @property
    def place(self) -> np.ndarray:
        """Normalised radius: 0 at the centre, 1 on the inner side of the skull."""
        return np.hypot(self.across / self.half_axes[0], self.along / self.half_axes[1])

    def blob(self, along: float, across: float, half_along: float, half_across: float) -> np.ndarray:
        """Return the mask of an ellipse in the head's coordinates."""
        return np.hypot((self.along - along) / half_along, (self.across - across) / half_across) < 1


def _mother(plane: Plane, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the grey of abdominal wall and uterus, and the depth of the inner side of the uterus in mm."""
    grey = np.full(SHAPE, UTERUS)
    fat = 4 + wave(plane.lateral, rng, 0.5, 90)
    muscle = fat + rng.uniform(2, 4) + wave(plane.lateral, rng, 0.6, 110)
    wall = muscle + rng.uniform(2, 3.5) + wave(plane.lateral, rng, 0.8, 130)
    texture = grain(rng, SHAPE, plane.pixels(0.5), plane.pixels(6))
    for line, level, spread in ((wall, 0.45, 0.07), (muscle, 0.4, 0.06), (fat, 0.68, 0.05)):
        above = plane.depth < line
        grey[above] = (level + spread * texture)[above]
        grey[np.abs(plane.depth - line) < 0.5] = 0.8
    return grey, wall + rng.uniform(5, 8)


def _draw_head(grey: np.ndarray, head: Head, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw skull and brain; return the regions of the brain."""
    plane, (short, long) = head.plane, head.half_axes
    guard = plane.pixels(GUARD_MM)
    outer = np.hypot(head.across / (short + SKULL_MM), head.along / (long + SKULL_MM))
    scalp = np.hypot(head.across / (short + 2 * SKULL_MM), head.along / (long + 2 * SKULL_MM))
    normal = np.stack([head.across / short**2, head.along / long**2])
    normal /= np.maximum(np.hypot(*normal), 1e-9)
    facing = np.abs(np.cos(head.angle) * normal[0] - np.sin(head.angle) * normal[1])
    shine = np.clip(facing, 0, 1) ** 2
    grey[scalp < 1] = 0.3
    grey[outer < 1] = (0.38 + (SKULL - 0.38) * shine)[outer < 1]
    inside = head.place < 1
    grey[inside] = BRAIN

    thalami = head.blob(0, 0.20 * short, 0.2 * long, 0.15 * short) | head.blob(
        0, -0.2 * short, 0.2 * long, 0.15 * short
    )
    grey[thalami] = THALAMUS
    front = rng.choice([-1.0, 1.0])
    plexus = np.zeros(SHAPE, bool)
    for side in (-1.0, 1.0):
        ventricle = head.blob(-front * 0.42 * long, side * 0.4 * short, 0.3 * long, 0.15 * short)
        grey[ventricle] = 0.12
        grey[ventricle & ~head.blob(-front * 0.42 * long, side * 0.4 * short, 0.29 * long, 0.15 * short - 0.9)] = 0.66
        clump = head.blob(-front * 0.45 * long, side * 0.41 * short, 0.2 * long, 0.1 * short)
        grey[clump] = PLEXUS
        plexus |= clump
        fissure = (np.abs(head.across - side * 0.72 * short + 0.02 * (head.along * front) ** 2 / 10) < 0.6) & (
            np.abs(head.along - front * 0.2 * long) < 0.2 * long
        )
        grey[fissure & (head.place < 0.93)] = 0.62
    midline = (np.abs(head.across) < 0.55) & (head.place < 0.97)
    cavum = (np.abs(head.along - front * 0.45 * long) < 0.12 * long) & (np.abs(head.across) < 3.0)
    grey[midline & ~cavum & (np.abs(head.along) > 0.12 * long)] = 0.74
    grey[cavum] = 0.08
    grey[cavum & (np.abs(head.across) > 2.2)] = 0.76
    plain = inset((grey == BRAIN) & inside, guard)
    nearby = ring(thalami, guard, guard + plane.pixels(7))
    return {
        "brain": plain & (head.place < 0.88),
        "thalami": inset(thalami, guard),
        "around_thalami": plain & nearby,
        "plexus": inset(plexus, guard / 2),
    }
