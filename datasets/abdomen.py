"""A drawn upper abdomen: wall, liver, vessels, gallbladder, kidney and lesions in varied geometry."""

from dataclasses import dataclass

import numpy as np

from usbench.core.dataset import DatasetCard
from usbench.core.sample import Rois

from .drawing import Plane, grain, inset, ring, smooth_field, wave
from .generated import RANGE_DB, SPLITS, Drawing, Generated

SHAPE, SPACING = (256, 256), 0.35  # 90 x 90 mm
WIDEST_WALL = 1.0  # mm, of a vessel
STEP = 0.4  # mm along a vessel
GUARD = 4  # pixels left out on both sides of a border
LIVER = 0.56
LESIONS_DB = (-12.0, -6.0, -4.0, 4.0, 6.0)


@dataclass(frozen=True)
class Abdomen(Generated):
    """An organ with vessels and lesions below a layered wall, beside a kidney and a gallbladder.

    Skin, fat and muscle vary in thickness and echogenicity, and are curved. The liver has slow variations of
    echogenicity and a weak texture. Vessels branch; portal ones have bright walls, hepatic ones have none. Three of
    four images have a gallbladder, and two of three a kidney with cortex, pyramids and sinus. The liver has two to four
    lesions of -12 to +6 dB and a radius of 3 to 8 mm, and ends at the diaphragm. Positions, sizes, brightness and
    curvature depend on the seed. No network of this package was trained on it.
    """

    name = "abdomen"
    card = DatasetCard(
        title="Drawn upper abdomen",
        kind="clean",
        anatomy="abdomen",
        description="Skin, fat and muscle over a liver with branching vessels, lesions of -12 to +6 dB, often a "
        "gallbladder and a kidney, and the diaphragm; drawn, not imaged; 256 x 256 pixels of 0.35 mm, grey over 60 dB.",
        splits=SPLITS,
        licence="generated",
    )

    def draw(self, rng: np.random.Generator) -> Drawing:
        """Draw liver, diaphragm, vessels, gallbladder, kidney and lesions, and the wall last."""
        plane = Plane.drawn(SHAPE, SPACING, rng, deformation=1.5)
        height, _ = plane.size
        grey = LIVER + rng.uniform(-0.06, 0.06) + smooth_field(rng, SHAPE, 4, 0.015)
        grey += rng.uniform(0.004, 0.015) * grain(rng, SHAPE, rng.uniform(1.5, 3), rng.uniform(1.5, 3))
        regions: dict[str, np.ndarray] = {}
        taken = np.zeros(SHAPE, bool)

        diaphragm = height * rng.uniform(0.84, 0.97) + wave(plane.lateral, rng, 5.0, 140.0)
        deep = plane.depth > diaphragm
        grey[deep] = rng.uniform(0.2, 0.4)
        grey[np.abs(plane.depth - diaphragm) < rng.uniform(0.4, 0.9)] = rng.uniform(0.8, 0.95)
        taken |= deep | (np.abs(plane.depth - diaphragm) < 2)

        wall = _wall_depth(plane, rng)
        taken |= plane.depth < wall + 2
        for number in range(int(rng.integers(2, 5))):
            _vessel(grey, taken, plane, rng, portal=number % 2 == 0)
        if rng.random() < 0.75:
            _gallbladder(grey, taken, regions, plane, rng)
        if rng.random() < 0.67:
            _kidney(grey, taken, plane, rng)
        for number, contrast_db in enumerate(rng.choice(LESIONS_DB, int(rng.integers(2, 5)), replace=False)):
            _lesion(grey, taken, regions, plane, rng, f"lesion{number}", float(contrast_db))
        _wall(grey, plane, wall, rng)

        masks: dict[str, np.ndarray] = {}
        pairs = []
        for name, region in regions.items():
            around = ring(region, GUARD, GUARD + 12) & ~_widened(taken & ~region, GUARD)
            core = inset(region, GUARD if name == "gallbladder" else 2)
            if core.sum() >= 40 and around.sum() >= 80:
                masks |= {name: core, f"{name}_ring": around}
                pairs.append((name, f"{name}_ring"))
        backgrounds = tuple(background for _, background in pairs)
        return Drawing(grey, plane.spacing, Rois(masks, tuple(pairs), backgrounds))


def _wall_depth(plane: Plane, rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(14, 22) + wave(plane.lateral, rng, 1.5, 120.0)


def _wall(grey: np.ndarray, plane: Plane, wall: np.ndarray, rng: np.random.Generator) -> None:
    """Draw skin, fat with septa, and two muscles with a bright fascia between, above the depth `wall`."""
    skin, fat = rng.uniform(1.5, 2.5), wall * rng.uniform(0.35, 0.6)
    above = plane.depth < wall
    streaks = grain(rng, SHAPE, 1.2, rng.uniform(6, 14), rng.uniform(-0.1, 0.1))
    grey[above] = (rng.uniform(0.4, 0.5) + 0.05 * streaks)[above]
    fatty = above & (plane.depth < fat)
    septa = grain(rng, SHAPE, 1.0, rng.uniform(8, 20), rng.uniform(-0.2, 0.2))
    grey[fatty] = (rng.uniform(0.28, 0.38) + 0.25 * (septa > 1.6))[fatty]
    middle = fat + (wall - fat) * rng.uniform(0.35, 0.65) + wave(plane.lateral, rng, 0.6, 60.0)
    for line, level in ((fat, 0.75), (middle, 0.7), (wall, 0.82)):
        grey[np.abs(plane.depth - line) < rng.uniform(0.25, 0.5)] = level + rng.uniform(-0.05, 0.05)
    grey[plane.depth < skin] = rng.uniform(0.7, 0.85)


def _vessel(grey: np.ndarray, taken: np.ndarray, plane: Plane, rng: np.random.Generator, *, portal: bool) -> None:
    """Draw a winding vessel that branches once or twice; portal ones have bright walls."""
    height, width = plane.size
    start = np.array([rng.uniform(0.35, 0.8) * height, rng.uniform(-0.4, 0.4) * width])
    distance = np.full(SHAPE, np.inf)
    branches = [(start, rng.uniform(0, 2 * np.pi), rng.uniform(1.0, 3.2), int(rng.integers(1, 3)))]
    while branches:
        at, angle, radius, left = branches.pop()
        for _ in range(int(rng.integers(36, 84))):
            angle += rng.normal(0, 0.07)
            at = at + np.array([np.sin(angle), np.cos(angle)]) * STEP
            radius *= 0.995
            part = plane.part_around(at[0], at[1], radius + WIDEST_WALL)
            distance[part] = np.minimum(distance[part], plane.distance(at[0], at[1], part) - radius)
        if left:
            for turn in (rng.uniform(0.3, 0.8), -rng.uniform(0.3, 0.8)):
                branches.append((at, angle + turn, radius * 0.75, left - 1))
    free = ~taken
    if portal:
        thickness = rng.uniform(0.5, WIDEST_WALL)
        grey[free & (distance < thickness)] = rng.uniform(0.72, 0.82)
    grey[free & (distance < 0)] = rng.uniform(0.02, 0.12)
    taken |= distance < WIDEST_WALL


def _gallbladder(
    grey: np.ndarray, taken: np.ndarray, regions: dict[str, np.ndarray], plane: Plane, rng: np.random.Generator
) -> None:
    height, width = plane.size
    for _ in range(20):
        centre = rng.uniform(0.35, 0.7) * height, rng.uniform(-0.35, 0.35) * width
        place = plane.radius_in(centre, (rng.uniform(7, 11), rng.uniform(12, 20)), rng.uniform(-0.7, 0.7))
        if (taken & (place < 1.15)).mean() < 0.01:
            grey[place < 1.07] = rng.uniform(0.68, 0.8)
            grey[place < 1] = 0.0
            regions["gallbladder"] = place < 1
            taken |= place < 1.15
            return


def _kidney(grey: np.ndarray, taken: np.ndarray, plane: Plane, rng: np.random.Generator) -> None:
    """Draw a capsule, a cortex darker than the liver, darker pyramids, and a bright sinus."""
    height, width = plane.size
    centre = rng.uniform(0.6, 0.78) * height, rng.choice([-1, 1]) * rng.uniform(0.2, 0.35) * width
    half_axes, angle = (rng.uniform(11, 15), rng.uniform(20, 27)), rng.uniform(-0.5, 0.5)
    place = plane.radius_in(centre, half_axes, angle)
    cortex = LIVER - rng.uniform(0.06, 0.14)
    grey[place < 1.05] = rng.uniform(0.72, 0.82)
    grey[place < 1] = cortex
    down, right = plane.depth - centre[0], plane.lateral - centre[1]
    turned = np.arctan2(
        (np.cos(angle) * down + np.sin(angle) * right) / half_axes[0],
        (np.cos(angle) * right - np.sin(angle) * down) / half_axes[1],
    )
    count = int(rng.integers(7, 11))
    pyramids = (np.cos(count * turned + rng.uniform(0, 6)) > 0.1) & (place > 0.45) & (place < 0.8)
    grey[pyramids] = cortex - rng.uniform(0.08, 0.15)
    grey[place < 0.4] = rng.uniform(0.7, 0.8)
    taken |= place < 1.15


def _lesion(
    grey: np.ndarray,
    taken: np.ndarray,
    regions: dict[str, np.ndarray],
    plane: Plane,
    rng: np.random.Generator,
    name: str,
    contrast_db: float,
) -> None:
    """Draw an ellipse with a contrast to the liver, at a free position."""
    height, width = plane.size
    for _ in range(40):
        centre = rng.uniform(0.3, 0.85) * height, rng.uniform(-0.42, 0.42) * width
        radius = rng.uniform(3, 8)
        place = plane.radius_in(centre, (radius, radius * rng.uniform(0.8, 1.4)), rng.uniform(0, np.pi))
        if not (taken & (place < 1.3)).any():
            grey[place < 1] += contrast_db / RANGE_DB
            regions[name] = place < 1
            taken |= place < 1.2
            return


def _widened(mask: np.ndarray, pixels: float) -> np.ndarray:
    return mask | ring(mask, 0, pixels) if mask.any() else mask
