"""Lesions of known contrast and size, put into any B-mode image."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.lesions import CONTRASTS_DB, SIZES, InsertedLesions, Lesion
from usbench.core.sample import Sample
from usbench.core.simulator import Insertion, Simulated, SimulatorCard
from usbench.ultrasound.bmode import DEFAULT_DYNAMIC_RANGE_DB
from usbench.ultrasound.rois import quiet_windows
from usbench.ultrasound.scan_area import scan_area, usable_area
from usbench.ultrasound.speckle_size import fine_grain_width

TRIES = 300  # places that are tried for a lesion before it is left out
CLIPPED = 0.02  # of the pixels under a lesion may be clipped by it or without it
LARGEST = 1 / 6  # of the image's shorter side: no lesion has a longer half axis
TISSUE = 0.1  # mean grey below which there is fluid, shadow or nothing
GRAINLESS = 0.25 / 255  # standard deviation of the grain of an image without any
FINEST = 1.5  # pixels: grain is not taken to be finer, or the smallest lesions would be single pixels


@dataclass(frozen=True)
class Lesions(Insertion):
    r"""Discs and ellipses that are 2, 4, 8 and 16 dB brighter or darker than the tissue around them.

    On a log-compressed display :math:`y`, a change of echogenicity by :math:`c` dB is an added grey offset
    :math:`d = c / R`, with the real speckle, shading and artefacts kept as they are. A method :math:`f` is given the
    image with and without lesions; :math:`r = f(y + d) - f(y)` is its answer to a known change, and is compared with
    :math:`d`.

    For each contrast and each radius of 1, 2, 4 and 8 grain widths one lesion is placed, large ones first, at random
    where it fits: inside the scan and off burnt-in graphics, in tissue (mean grey .1 or more), where at most 2 % of its
    pixels are or become black or white, and so that windows of lesions do not overlap. Half are meant to be darker,
    but are brighter where only that fits; half are discs and half ellipses. A lesion without a place is left out, and
    an image without grain in its flat windows has none. Borders are as wide as the grain:
    the full width at half maximum of the autocorrelation of the fine grain, measured in flat windows of the image.

    An offset is a change of echogenicity only where the grey map is logarithmic. Borders are not convolved with the
    true point-spread function, and the tissue's texture stays as it is.

    Parameters
    ----------
    fewest
        Lesions that an image must have room for; the sample has none otherwise, and says so.
    """

    name = "lesions"
    version = "2"
    card = SimulatorCard(
        title="with inserted lesions",
        speckle="Each image is also given to the method with lesions: grey offsets of +-2, +-4, +-8 and +-16 dB over "
        "the set's dynamic range (60 dB where it is unknown), with radii of 1, 2, 4 and 8 grain widths, clipped to "
        "[0, 1].",
        citation="this project",
    )

    fewest: Annotated[int, Field(ge=1, le=16)] = 4

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Return the image with lesions; the reference is the image itself."""
        sample = Sample("image", clean)
        found = self.insert(sample, rng)
        return Simulated(sample.image.copy() if found is None else found.image, sample.image.copy())

    def insert(self, sample: Sample, rng: np.random.Generator) -> InsertedLesions | None:
        """Place lesions by contrast and size; None if there is no room for `fewest` of them."""
        image = sample.image
        usable = usable_area(image) if sample.reference is None else scan_area(image)  # no graphics on simulated images
        windows = quiet_windows(image, usable)
        if not windows:
            return None
        grain = max(FINEST, fine_grain_width(image, windows))
        range_db = sample.dynamic_range_db or DEFAULT_DYNAMIC_RANGE_DB
        free = usable.copy()
        placed: list[Lesion] = []
        changed = image.astype(np.float64)
        for size in sorted(SIZES, reverse=True):
            for contrast_db in rng.permutation(CONTRASTS_DB):
                lesion = _placed(image, free, size, float(contrast_db), grain, range_db, rng)
                if lesion is not None:
                    window = lesion.window(image.shape)
                    changed[window] += lesion.contrast_db / range_db * lesion.profile(image.shape)
                    free[window] = False
                    placed.append(lesion)
        if len(placed) < self.fewest:
            return None
        shown = np.clip(changed, 0, 1).astype(np.float32)
        found = InsertedLesions(shown, tuple(placed), image, tuple(windows), grain, range_db)
        return found if found.fine_grain(image) >= GRAINLESS else None


def _placed(
    image: np.ndarray,
    free: np.ndarray,
    size: int,
    contrast_db: float,
    grain: float,
    range_db: float,
    rng: np.random.Generator,
) -> Lesion | None:
    """Return a lesion at the first of some random places where it fits; None if there is none."""
    aspect = float(rng.uniform(1.2, 1.7)) if rng.random() < 0.5 else 1.0
    angle, sign = float(rng.uniform(0, np.pi)), float(rng.choice([-1, 1]))
    radius = size * grain
    axial, lateral = radius / np.sqrt(aspect), radius * np.sqrt(aspect)
    if max(axial, lateral) > LARGEST * min(image.shape):
        return None
    for attempt in range(TRIES):
        if attempt == TRIES // 2:
            sign = -sign  # dark tissue has no room for what is darker
        row, column = (float(rng.uniform(0, extent - 1)) for extent in image.shape)
        lesion = Lesion(row, column, axial, lateral, angle, sign * contrast_db, size, grain / 2.355)
        window = lesion.window(image.shape)
        complete = all(part.stop - part.start == 2 * lesion.reach + 1 for part in window)
        if complete and free[window].all() and _fits(image[window], lesion, image.shape, range_db):
            return lesion
    return None


def _fits(around: np.ndarray, lesion: Lesion, shape: tuple[int, ...], range_db: float) -> bool:
    """Return whether there is tissue under a lesion that is not clipped, neither with it nor without."""
    inside = lesion.profile(shape) > 0.5
    if around[inside].mean() < TISSUE:
        return False
    both = np.concatenate([around[inside], around[inside] + lesion.contrast_db / range_db])
    return float(np.mean((both <= 0) | (both >= 1))) <= CLIPPED
