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
LINE, OUTSTANDING = 0.08, 3.5  # grey, and in medians; what is fainter along a line is speckle: see `reference_of`
LARGEST_LACK = 0.3  # grey; so that a bright dot is not a line
DARK = 0.05  # grey; darker pixels do not tell how strong the speckle of a frame is
STRUCTURE_SIGMA = 2  # pixels
ORIENTATIONS = 16  # of lines
LINES, MEANS = (10, 15), (8, 20)  # pixels; half length of lines, and radius within which a reference keeps the mean
KEPT_EDGE = 0.02  # grey; smaller differences of a reference are smoothed while its local mean is corrected
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
        float32 (H, W) in [0, 1]: what a despeckler should return (see `reference_of`).
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
    """Return a frame (H, W) uint8 with its despeckled versions, reference, grain and contrast."""
    versions = np.stack([image, *(despeckled(image, side, radius) for side, radius in STRENGTHS)])
    grey = versions / np.float32(255)
    white = max(float(np.quantile(grey[-1], 0.998)), 0.1)
    condition = lrr_of_scaled(np.clip(grey[-1] / white, 0, 1))
    grain = grain_of(grey[0], condition, WINDOWS) or USUAL_GRAIN
    return Frame(versions, reference_of(grey, grain[1]), grain, flat_contrast(grey[0], condition) or USUAL_CONTRAST)


def reference_of(versions: np.ndarray, grain: float) -> np.ndarray:
    """Return what a despeckler should make of a frame with this lateral grain in pixels: float32 (H, W) in [0, 1].

    `versions` (4, H, W) in [0, 1] are the frame and three that are despeckled ever more strongly. The reference is
    smooth where the frame has no structure (see `smooth_but_structure`). Thin lines that it lacks are put back. With m
    the mean of what it lacks along a line, in the direction in which |m| is largest, these are m (1 - exp(-(m / t)^4)).
    The threshold t is 3.5 times the median of |m| over the frame, at least 0.08, so that speckle does not return.

    A median changes the mean of speckle, so the local mean of the frame is put back too, by a filter that the reference
    guides.
    """
    frame = versions[0]
    reference = smooth_but_structure(versions[1:])
    lack = np.clip(frame - reference, -LARGEST_LACK, LARGEST_LACK)
    line = _largest_mean_along_a_line(lack, round(float(np.clip(grain, *LINES))))
    echoes = np.abs(line[frame > DARK])
    threshold = max(LINE, OUTSTANDING * float(np.median(echoes))) if echoes.size else LINE
    reference += line * (1 - np.exp(-((line / threshold) ** 4)))
    return np.clip(_guided(frame, reference, 2 * round(float(np.clip(2 * grain, *MEANS))) + 1, KEPT_EDGE), 0, 1)


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


def _largest_mean_along_a_line(image: np.ndarray, half: int) -> np.ndarray:
    """Return the mean along a line of 2 half + 1 pixels through each pixel, in the direction in which it is largest."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image, half, mode="symmetric"), image.shape)
    steps = np.arange(-half, half + 1)
    largest = np.zeros_like(image)
    for angle in np.arange(ORIENTATIONS) * np.pi / ORIENTATIONS:
        rows, columns = (half + np.rint(steps * part).astype(int) for part in (np.sin(angle), np.cos(angle)))
        mean = sum(windows[row, column] for row, column in zip(rows, columns, strict=True)) / np.float32(len(steps))
        largest = np.where(np.abs(mean) > np.abs(largest), mean, largest)
    return largest


def despeckled(image: np.ndarray, side: int, radius: int) -> np.ndarray:
    """Return a frame (H, W) uint8 that is flat inside of tissue and sharp at its borders: a median, two guided filters.

    References
    ----------
    He, Sun, Tang, "Guided image filtering", ECCV 2010.
    """
    from skimage.filters.rank import median

    smooth = median(image, np.ones((side, side), np.uint8)).astype(np.float32) / 255
    for _ in range(2):
        smooth = _guided(smooth, smooth, 2 * radius + 1, EDGE)
    return np.round(smooth.clip(0, 1) * 255).astype(np.uint8)


def _guided(image: np.ndarray, guide: np.ndarray, side: int, edge: float) -> np.ndarray:
    """Return an image smoothed where its guide is flat. Slopes are at most 1, so that no edge of the guide grows."""
    from scipy.ndimage import uniform_filter

    mean, level = uniform_filter(image, side), uniform_filter(guide, side)
    shared = uniform_filter(image * guide, side) - mean * level
    variance = uniform_filter(guide * guide, side) - level * level
    slope = np.minimum(shared / (variance + edge**2), 1)
    return uniform_filter(slope, side) * guide + uniform_filter(mean - slope * level, side)


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
