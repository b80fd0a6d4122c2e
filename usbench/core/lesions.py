"""Lesions inserted into a finished image: a known change."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

CONTRASTS_DB = (2, 4, 8, 16)  # bright and dark
SIZES = (1, 2, 4, 8)  # radius in grain widths
COARSE = 5  # pixels: standard deviation of the Gaussian that removes the fine grain


@dataclass(frozen=True)
class Lesion:
    """One inserted lesion.

    Attributes
    ----------
    row, column
        Of its centre, in pixels.
    axial, lateral, angle
        Semi-axes in pixels before rotation by `angle` in radians.
    contrast_db
        One of `CONTRASTS_DB`, negative if it is darker than its surroundings.
    size
        One of `SIZES`: its nominal radius in grain widths.
    border
        Standard deviation in pixels of its border, an error function.
    """

    row: float
    column: float
    axial: float
    lateral: float
    angle: float
    contrast_db: float
    size: int
    border: float

    @property
    def reach(self) -> int:
        """Half the side of its window in pixels, with border and margin."""
        return int(np.ceil(max(self.axial, self.lateral) + 4 * self.border)) + 1

    def window(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Return the window in which the response to the lesion is measured; the rest of the image is for spill."""
        row, column = round(self.row), round(self.column)
        rows, columns = (
            slice(max(0, at - self.reach), min(extent, at + self.reach + 1))
            for at, extent in zip((row, column), shape, strict=True)
        )
        return rows, columns

    def depth(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return the distance of each pixel of the window inside the border, in pixels; negative outside."""
        rows, columns = (np.arange(part.start, part.stop, dtype=np.float64) for part in self.window(shape))
        down, right = rows[:, None] - self.row, columns - self.column
        along = np.cos(self.angle) * down + np.sin(self.angle) * right
        across = np.cos(self.angle) * right - np.sin(self.angle) * down
        place = np.hypot(along / self.axial, across / self.lateral)
        return (1 - place) * np.sqrt(self.axial * self.lateral)

    def profile(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return the lesion's weight at each pixel of its window: 1 inside, 0 outside, an error function between."""
        from scipy.special import ndtr

        return ndtr(self.depth(shape) / self.border)


@dataclass(frozen=True, eq=False)  # metrics keep what they found for one
class InsertedLesions:
    """An image with lesions, and the same image without.

    On a log-compressed display, a change of echogenicity by c dB is a grey offset of c over the dynamic range.

    Attributes
    ----------
    image
        (H, W) float32 in [0, 1]: the sample's image with the lesions.
    lesions
        The lesions; their windows do not overlap.
    plain
        The sample's image.
    windows
        (row, column, side) of the windows of the image without lesions in which its fine grain is measured.
    grain
        Width of the grain in pixels: full width at half maximum of the autocorrelation.
    dynamic_range_db
        For the conversion of contrasts to grey; 60 dB if the sample's is unknown.
    """

    image: np.ndarray
    lesions: tuple[Lesion, ...]
    plain: np.ndarray
    windows: tuple[tuple[int, int, int], ...]
    grain: float
    dynamic_range_db: float

    @cached_property
    def offset(self) -> np.ndarray:
        """The true change, (H, W) float64."""
        return self.image.astype(np.float64) - self.plain

    def fine_grain(self, image: np.ndarray) -> float:
        """Return the standard deviation in the windows of an image minus itself smoothed by `COARSE` pixels."""
        variances = []
        for row, column, side in self.windows:
            margin = 3 * COARSE
            top, left = max(0, row - margin), max(0, column - margin)
            around = np.asarray(image[top : row + side + margin, left : column + side + margin], np.float64)
            rows, columns = slice(row - top, row - top + side), slice(column - left, column - left + side)
            smooth, across = (_smoothing(length) for length in around.shape)
            variances.append(np.mean((around[rows, columns] - smooth[rows] @ around @ across[columns].T) ** 2))
        return float(np.sqrt(np.mean(variances)))

    def grain_kept(self, image: np.ndarray) -> float:
        """Return the fine grain of a despeckled image over that of the untouched one."""
        return self.fine_grain(image) / self._own_grain

    @cached_property
    def _own_grain(self) -> float:
        return max(self.fine_grain(self.plain), 1e-9)


@lru_cache(maxsize=64)
def _smoothing(length: int) -> np.ndarray:
    """Return the square matrix that smooths a column of this length by `COARSE` pixels; borders are repeated."""
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(np.eye(length), COARSE, axis=0, mode="nearest")
