"""Real B-mode frames by patient, with versions whose speckle has been removed, for training the simulator `S`."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from usbench.ultrasound.speckle_size import autocorrelation_widths

from .likeness import WINDOW, fine_structure, flat_windows
from .lrr import lrr_of_scaled
from .slices import training_images
from .style import FINE

STRENGTHS = ((5, 2), (9, 4), (17, 6))  # pixels; side of the median and radius of the guided filters of each version
THIN, BROAD = 0.3, 0.12  # grey; structure of the weakest and of the middle version: see `smooth_but_structure`
STRUCTURE_SIGMA = 2  # pixels
RANGE_SIDE = 9  # pixels; of the window in which a range of grey is taken
EDGE = 0.06  # grey; smaller differences are smoothed by the guided filters
WINDOWS, FEWEST_WINDOWS = 32, 3  # of a frame, in which the grain is measured
USUAL_GRAIN = (3.3, 8.0)  # pixels; of a frame without such windows
USUAL_CONTRAST, HIGHEST_CONTRAST = 0.07, 0.3
FLATNESS = 0.01  # a region is flat if its condition has one grey level within 9 x 9 pixels
FEWEST = 300  # flat pixels from which a contrast is measured


@dataclass(frozen=True)
class Frame:
    """A real frame with what was measured on it.

    Attributes
    ----------
    versions
        uint8 (4, H, W): the frame, and versions despeckled ever more strongly.
    reference
        float32 (H, W) in [0, 1]: the strongest version, and the weakest near structure.
    grain
        Full widths of its speckle in pixels, axial and lateral, in the fine structure.
    contrast
        Strength of its speckle (see `Style`).
    """

    versions: np.ndarray
    reference: np.ndarray
    grain: tuple[float, float]
    contrast: float


Read = Callable[[], list[np.ndarray]]  # reads the images of a file, (H, W) uint8 each


@dataclass
class BmodeFrames:
    """Frames of real B-mode by patient, prepared on first use. A random patient is drawn first, then a frame of theirs.

    Parameters
    ----------
    patients
        What reads the files of each patient, by the patient's name.
    """

    patients: Mapping[str, Sequence[Read]]
    _prepared: dict[tuple[str, int], list[Frame]] = field(default_factory=dict, repr=False)

    @classmethod
    def of_files(cls, files: Sequence[Path]) -> "BmodeFrames":
        """Return the frames of pictures and cines."""
        patients: dict[str, list[Read]] = {}
        for file in files:
            patients.setdefault(patient(file), []).append(partial(training_images, file))
        return cls(patients)

    def draw(self, rng: np.random.Generator) -> Frame:
        """Return a frame of a random patient."""
        names = list(self.patients)
        name = names[int(rng.integers(len(names)))]
        number = int(rng.integers(len(self.patients[name])))
        if (name, number) not in self._prepared:
            self._prepared[name, number] = [prepared(image) for image in self.patients[name][number]()]
        frames = self._prepared[name, number]
        return frames[int(rng.integers(len(frames)))]

    def images(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield every frame with a name, uint8."""
        for name, readers in self.patients.items():
            numbered = enumerate(image for read in readers for image in read())
            yield from ((f"{name}#{number}", image) for number, image in numbered)


def patient(file: Path) -> str:
    """Return the name of a file's patient: its folder, and its name up to the first underscore.

    So `HC18`'s 010_2HC.png is of the patient of 010_HC.png.
    """
    return f"{file.parent.name}/{file.stem.partition('_')[0]}"


def is_held_out(file: Path) -> bool:
    """Return whether an image is held out from training: one patient in five, by a hash of the patient's name."""
    return int(hashlib.sha256(patient(file).encode()).hexdigest(), 16) % 5 == 0


def prepared(image: np.ndarray) -> Frame:
    """Return a frame (H, W) uint8 with its despeckled versions, grain and contrast."""
    versions = np.stack([image, *(despeckled(image, side, radius) for side, radius in STRENGTHS)])
    grey = versions / np.float32(255)
    white = max(float(np.quantile(grey[-1], 0.998)), 0.1)
    condition = lrr_of_scaled(np.clip(grey[-1] / white, 0, 1))
    return Frame(
        versions,
        smooth_but_structure(grey[1:]),
        grain_of(grey[0], condition, WINDOWS) or USUAL_GRAIN,
        flat_contrast(grey[0], condition) or USUAL_CONTRAST,
    )


def smooth_but_structure(versions: np.ndarray) -> np.ndarray:
    """Return the strongest of three versions in [0, 1], weakest first, and the weakest near structure.

    The weights of the strongest are exp(-(w / 0.3)^2 - (m / 0.12)^2), smoothed, where w and m are the ranges of grey
    within 9 x 9 pixels of the weakest version, which has thin lines, and of the middle one, which has little speckle.
    """
    from scipy.ndimage import gaussian_filter

    weakest, middle, strongest = versions
    thin, broad = _grey_range(weakest) / THIN, _grey_range(middle) / BROAD
    smooth = gaussian_filter(np.exp(-(thin**2) - broad**2), STRUCTURE_SIGMA)
    return smooth * strongest + (1 - smooth) * weakest


def despeckled(image: np.ndarray, side: int, radius: int) -> np.ndarray:
    """Return a frame (H, W) uint8 that is flat inside of tissue and sharp at its borders: a median, two guided filters.

    References
    ----------
    He, Sun, Tang, "Guided image filtering", ECCV 2010.
    """
    from skimage.filters.rank import median

    smooth = median(image, np.ones((side, side), np.uint8)).astype(np.float32) / 255
    for _ in range(2):
        smooth = _self_guided(smooth, 2 * radius + 1)
    return np.round(smooth.clip(0, 1) * 255).astype(np.uint8)


def _self_guided(image: np.ndarray, side: int) -> np.ndarray:
    from scipy.ndimage import uniform_filter

    mean = uniform_filter(image, side)
    variance = uniform_filter(image * image, side) - mean * mean
    slope = variance / (variance + EDGE**2)
    return uniform_filter(slope, side) * image + uniform_filter(mean * (1 - slope), side)


def grain_of(image: np.ndarray, condition: np.ndarray, most: int) -> tuple[float, float] | None:
    """Return the grain (axial, lateral) of an image in [0, 1]: medians over windows in which the condition is flat.

    None if there are too few such windows; at most `most` are used.
    """
    inside = np.ones((WINDOW, WINDOW), bool)
    fine = [fine_structure(image[place]) for place in flat_windows(condition, most)]
    widths = [autocorrelation_widths(plane, inside) for plane in fine]
    measured = [pair for pair in widths if np.isfinite(pair).all()]
    if len(measured) < FEWEST_WINDOWS:
        return None
    axial, lateral = np.median(measured, axis=0)
    return float(axial), float(lateral)


def flat_contrast(grey: np.ndarray, condition: np.ndarray) -> float | None:
    """Return the strength of the texture where the condition is flat; None where too little of it is."""
    from scipy.ndimage import gaussian_filter

    flat = (_grey_range(condition) < FLATNESS) & (condition > 0.1)
    if flat.sum() <= FEWEST:
        return None
    low = gaussian_filter(flat * grey, FINE) / (gaussian_filter(flat.astype(np.float32), FINE) + 1e-3)
    return min(HIGHEST_CONTRAST, float(np.sqrt(((grey - low)[flat] ** 2).mean() / (low[flat].mean() + 0.02))))


def _grey_range(image: np.ndarray) -> np.ndarray:
    from scipy.ndimage import maximum_filter, minimum_filter

    return maximum_filter(image, RANGE_SIDE) - minimum_filter(image, RANGE_SIDE)
