"""A rotating disk of speckle, with the mean of its frames as a pseudo-reference."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from usbench.core.dataset import DatasetCard
from usbench.core.errors import ImageError
from usbench.core.sample import Rois

from .base import Picture, RealSet
from .layouts import Entry, Pairs, Tree

CENTRE, RADIUS = (126, 117), 104  # (row, column) and pixels; fitted to the edge in the mean of the frames
EXPECTED = "bmode_PWI_disk.mat with an array I of 251 x 251 x frames"


@dataclass(frozen=True)
class Disk(RealSet):
    """The rotating tissue-mimicking disk of the PyMUST examples, 32 B-mode frames.

    Speckle decorrelates while the disk turns (correlation .83 from one frame to the next, .07 from the first to the
    last), and the disk is of one material, so the mean of all frames shows the scene without speckle. It is the
    pseudo-reference of each frame: a mean of display values with residual speckle (coefficient of variation .20, for
    .35 in one frame) to which the frame itself contributes 1/32. PSNR against it can rank methods, but no more.

    Regions are the disk (within 80 % of its radius), the bath beside it in the same rows, and a square at its centre.
    """

    name = "disk"
    card = DatasetCard(
        title="Rotating speckle disk (PyMUST)",
        kind="real",
        anatomy="phantom",
        description="Plane-wave B-mode of a turning disk, 8 bit; reference: the mean of all 32 "
        "frames, a pseudo-reference. Dynamic range 30 dB, from "
        "the standard deviation of log-compressed Rayleigh speckle (5.57 dB).",
        splits="one recording: all frames are test; with whole=true every split is the whole set",
        groups="one recording, so all frames are one group: there is no confidence interval over objects",
        licence="LGPL-3.0 (PyMUST)",
        citation="Garcia, MUST; PyMUST examples",
        home="https://github.com/creatis-ULTIM/PyMUST",
        size="32 frames, 1.4 MB",
    )
    layout = Pairs(image=r"(?P<id>bmode_PWI_disk)\.mat", says=f"file {EXPECTED}")

    dynamic_range_db: float = 30.0

    def list_entries(self, tree: Tree) -> list[Entry]:
        """Return an entry per frame."""
        return [
            Entry(f"frame-{frame:02d}", found.image, (), "disk", "test", frame)
            for found in self.layout.entries(tree)
            for frame in range(_frames(str(found.image)).shape[2])
        ]

    def read(self, entry: Entry) -> Picture:
        """Return a frame, and the mean of all frames as its reference."""
        frames = _frames(str(entry.image))
        mean = frames.mean(axis=2, dtype=np.float64) / 255
        return Picture(frames[..., entry.frame].astype(np.float32) / 255, {}, reference=mean.astype(np.float32))

    def lay_rois(self, entry: Entry, picture: Picture) -> Rois:
        """Return disk, bath and the square at the centre."""
        rows, columns = np.indices(picture.grey.shape)
        distance = np.hypot(rows - CENTRE[0], columns - CENTRE[1])
        disk = distance <= 0.8 * RADIUS
        bath = (distance >= 1.1 * RADIUS) & disk.any(axis=1)[:, None]
        square = np.maximum(np.abs(rows - CENTRE[0]), np.abs(columns - CENTRE[1])) <= 24
        return Rois({"disk": disk, "bath": bath, "homogeneous": square}, (("disk", "bath"),), ("homogeneous",))


@cache
def _frames(file: str) -> np.ndarray:
    import scipy.io

    try:
        frames = scipy.io.loadmat(file, variable_names=["I"])["I"]
    except Exception as error:  # scipy raises many kinds for damaged files
        raise ImageError(
            f"The file {file} is not {EXPECTED}: {str(error).splitlines()[0] if str(error) else error!r}."
        ) from None
    if frames.ndim != 3 or frames.shape[:2] != (251, 251) or frames.dtype != np.uint8:
        raise ImageError(f"The file {file} is not {EXPECTED}: its I is {frames.shape}, {frames.dtype}.")
    return frames
