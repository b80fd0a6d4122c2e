r"""Traces of an earlier JPEG compression in a picture.

JPEG rounds the cosine coefficients of 8 x 8 blocks. In a file that was saved again without loss, steps across the
blocks' borders are then larger than the steps next to them (Fan and de Queiroz, IEEE Trans. Image Process. 12:230,
2003). Blockiness is computed along each axis: for each border between lines, the mean of the step across it minus the
mean of the steps next to it; the median of every eighth border, for each of the 8 offsets; then 1 plus the largest of
these minus their median, over the mean step. JPEG leaves a grid in both directions, layered tissue in one, so the
smaller value of the two axes counts.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

BLOCK = 8
TRACE = 1.022  # lossless HC18, PLUS and TimTrack BMP reach 1.019; HC18 and BUSI at quality 75 begin at 1.089
LOSSY_SUFFIXES = frozenset((".jpg", ".jpeg"))


@dataclass(frozen=True)
class JpegHistory:
    """Whether a picture is or was a JPEG.

    Attributes
    ----------
    is_jpeg
        The file is a JPEG.
    blockiness
        See the module; 1 if there are no blocks.
    grid
        Row and column of the first block border.
    """

    is_jpeg: bool
    blockiness: float
    grid: tuple[int, int]

    @property
    def has_trace(self) -> bool:
        """Whether the pixels show blocks."""
        return self.blockiness >= TRACE

    @property
    def sentence(self) -> str:
        """A short description for cards and legends."""
        if self.is_jpeg:
            return f"a JPEG file (blockiness {self.blockiness:.2f})"
        if self.has_trace:
            return f"traces of JPEG (blockiness {self.blockiness:.2f}, grid at {self.grid[0]}, {self.grid[1]})"
        return f"no trace of JPEG (blockiness {self.blockiness:.2f})"


def jpeg_history(image: np.ndarray, file: Path | None = None) -> JpegHistory:
    """Return the JPEG history of an image, from its pixels and its file's suffix.

    Parameters
    ----------
    image
        (axial, lateral) in [0, 1], at its original size: a resized image has no grid of 8.
    file
        Its file, if that is known.
    """
    found = [_blockiness(image, axis) for axis in (0, 1)]
    is_jpeg = file is not None and file.suffix.lower() in LOSSY_SUFFIXES
    return JpegHistory(is_jpeg, min(ratio for ratio, _ in found), (found[0][1], found[1][1]))


def _blockiness(image: np.ndarray, axis: int) -> tuple[float, int]:
    """Return the blockiness along an axis and the offset of the first border, 0 to 7."""
    lines = np.moveaxis(np.asarray(image, np.float64), axis, 0)
    if len(lines) < 4 * BLOCK:
        return 1.0, 0
    step = np.abs(np.diff(lines, axis=0))
    # compared with the steps on both sides; clipped and empty pixels do not count
    excess = step[1:-1] - (step[:-2] + step[2:]) / 2
    valid = (lines[1:-2] > 0) & (lines[2:-1] > 0) & (lines[1:-2] < 1) & (lines[2:-1] < 1)
    weight = step[1:-1].mean() or 1.0
    profile = np.array([(excess[n] * valid[n]).sum() / max(1, valid[n].sum()) for n in range(len(excess))])
    offsets = np.array([np.median(profile[n::BLOCK]) for n in range(BLOCK)])
    best = int(np.argmax(offsets))
    return float(1 + max(0.0, offsets[best] - np.median(offsets)) / weight), (best + 2) % BLOCK
