"""OASBUD: radio frequency of breast lesions in one MAT file."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from usbench.core.dataset import DatasetCard
from usbench.core.errors import ImageError
from usbench.core.sample import Rois
from usbench.public_data.download import Download
from usbench.ultrasound.rf import display, envelope
from usbench.ultrasound.rois import structure_rois

from .base import SPLITS, Picture, RealSet
from .layouts import Entry, Pairs, Tree, in_order

STEP = 77e-6  # m along the line between samples that are kept, about the distance of lines
SPEED = 1540.0


@dataclass(frozen=True)
class Oasbud(RealSet):
    """OASBUD: two views of each of 100 breast lesions, as radio frequency with the mask of the lesion.

    Parameters
    ----------
    rate
        Sampling rate in Hz. The file does not state it, and its users assume 40 MHz or 25 MHz. It only determines how
        many samples of the envelope are skipped.
    """

    name = "oasbud"
    card = DatasetCard(
        title="OASBUD, breast lesions (RF)",
        kind="real",
        anatomy="breast",
        description="Ultrasonix SonixTouch, L14-5/38; RF lines to B-mode by the analytic signal, 60 dB. ROIs: lesion "
        "against the tissue beside it at its depth.",
        splits=SPLITS,
        groups="the lesion: its two views are one group",
        licence="CC BY-NC 4.0",
        citation="Piotrzkowska-Wroblewska et al., Med. Phys. 44:6105, 2017",
        doi="10.1002/mp.12538",
        home="https://zenodo.org/records/545928",
        size="100 lesions in one file, 0.3 GB",
    )
    layout = Pairs(image=r"(?P<id>OASBUD)\.mat", says="file OASBUD.mat")
    downloads = (
        Download(
            "https://zenodo.org/records/545928/files/OASBUD.mat", "OASBUD.mat", "md5:e2b770a6ee2f06ebe480ed0962252100"
        ),
    )

    rate: Annotated[float, Field(gt=1e6, lt=1e9)] = 40e6

    def list_entries(self, tree: Tree) -> list[Entry]:
        """Return two entries per lesion."""
        return in_order(
            Entry(f"{number + 1:03d}-{view}", found.image, (), f"{number + 1:03d}", "", 2 * number + view - 1)
            for found in self.layout.entries(tree)
            for number in range(_count(found.image))
            for view in (1, 2)
        )

    def read(self, entry: Entry) -> Picture:
        """Return the B-mode of a view and its mask, decimated along the line."""
        number, view = divmod(entry.frame, 2)
        lesion = _lesions(str(entry.image), entry.image.stat().st_mtime_ns)[number]
        try:
            lines, mask = (np.asarray(lesion[f"{key}{view + 1}"]) for key in ("rf", "roi"))
        except (ValueError, KeyError, IndexError):
            raise ImageError(f"Lesion {number + 1} of {entry.image} has no rf{view + 1} with roi{view + 1}.") from None
        if lines.ndim != 2 or lines.dtype.kind not in "iuf" or mask.shape != lines.shape:
            found = f"rf {lines.shape} and roi {mask.shape}"
            raise ImageError(f"Lesion {number + 1} of {entry.image} has {found} where two of one shape are expected.")
        every = max(1, round(STEP * 2 * self.rate / SPEED))
        return Picture(display(envelope(lines, every=every), self.dynamic_range_db), {"lesion": mask[::every] > 0})

    def lay_rois(self, entry: Entry, picture: Picture) -> Rois:
        """Return lesion, background and a homogeneous window; the image has no borders and no graphics."""
        everywhere = np.ones(picture.grey.shape, bool)
        return structure_rois(picture.grey, everywhere, picture.structures)


def _count(file: Path) -> int:
    """Return the number of lesions, from the file's list of variables."""
    import scipy.io

    try:
        sizes = {name: shape for name, shape, _ in scipy.io.whosmat(str(file))}
    except Exception as error:  # scipy raises many kinds for damaged files
        raise ImageError(f"The file {file} cannot be read as MAT: {str(error).splitlines()[:1] or error!r}.") from None
    if "data" not in sizes or not 0 < int(np.prod(sizes["data"])) <= 10_000:
        raise ImageError(f"The file {file} has no array of lesions called `data`.")
    return int(np.prod(sizes["data"]))


@lru_cache(maxsize=1)
def _lesions(file: str, _changed: int) -> Any:
    import scipy.io

    try:
        return scipy.io.loadmat(file, variable_names=["data"], squeeze_me=True, struct_as_record=True)["data"].ravel()
    except Exception as error:  # scipy raises many kinds for damaged files
        raise ImageError(f"The file {file} cannot be read as MAT: {str(error).splitlines()[:1] or error!r}.") from None
