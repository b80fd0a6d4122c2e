"""Real B-mode: the apical echocardiogram that ships inside pydicom."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from usbench.core.dataset import Dataset, DatasetCard, Split
from usbench.core.errors import ImageError
from usbench.core.sample import Rois, Sample
from usbench.ultrasound.bmode import DEFAULT_DYNAMIC_RANGE_DB

# The region in the file, (84, 31)-(595, 414), refers to twice as many pixels per axis: it is this crop.
ROWS, COLUMNS = slice(15, 207), slice(42, 297)

# (row, column) of the crop, drawn so that each region stays inside its tissue over the whole cycle.
BLOOD_POOL_CENTRE, BLOOD_POOL_HALF_AXES = (86, 135), (17, 9)
MYOCARDIUM = ((72, 104), (72, 112), (88, 114), (104, 116), (104, 109), (88, 106))
APICAL_MYOCARDIUM = ((38, 96), (38, 112), (52, 108), (62, 98), (62, 88), (50, 88))

SPLITS = {"train": range(0), "val": range(0, 30, 5), "test": [n for n in range(30) if n % 5]}


@dataclass(frozen=True)
class Echo(Dataset):
    """One beat of an apical four-chamber view, 30 frames of 192 x 255 pixels.

    Grey is the stored luminance over 255, as compressed by the scanner. The dynamic range is not stored; 60 dB are
    assumed for methods that work on the envelope. ROIs are the blood pool of the left ventricle, the septum
    (`myocardium`) and the wall beside the apex (`apical_myocardium`). All frames are one group, so there is no
    confidence interval over patients.
    """

    name = "echo"
    card = DatasetCard(
        title="Apical echocardiogram (pydicom example)",
        kind="real",
        anatomy="heart",
        description="SonoSite cine, JPEG baseline, cropped to the scan; ROIs blood pool, septum and apical wall, fixed "
        "on the data. Display-processed 8-bit grey, dynamic range unknown (60 dB assumed).",
        splits="one cine of one patient: every fifth frame is val, the others test; the splits share the patient",
        licence="pydicom test file, free of restrictions to the best of its maintainers' knowledge",
        citation="pydicom examples.ybr_color",
    )

    split: Split = "test"

    def ids(self) -> list[str]:
        """Return `frame-00` and so on; the train split is empty."""
        return [f"frame-{number:02d}" for number in SPLITS[self.split]]

    def load(self, index: int) -> Sample:
        """Return frame number `index` of the split."""
        number = SPLITS[self.split][index]
        return Sample(
            id=f"frame-{number:02d}",
            image=_cine()[number].astype(np.float32) / 255,
            rois=_rois(),
            group="apical",
            dynamic_range_db=DEFAULT_DYNAMIC_RANGE_DB,
        )


@cache
def _cine() -> np.ndarray:
    """Return the luminance of the cropped cine, uint8 (30, 192, 255)."""
    from pydicom import examples
    from pydicom.pixels import pixel_array

    try:
        frames = pixel_array(examples.get_path("ybr_color"), raw=True)
    except Exception as error:  # pydicom's decoders raise many kinds
        raise ImageError(f"pydicom's example cine cannot be decoded: {error}.") from error
    return np.ascontiguousarray(frames[:, ROWS, COLUMNS, 0])


@cache
def _rois() -> Rois:
    from skimage.draw import ellipse, polygon2mask

    shape = (ROWS.stop - ROWS.start, COLUMNS.stop - COLUMNS.start)
    blood_pool = np.zeros(shape, bool)
    blood_pool[ellipse(*BLOOD_POOL_CENTRE, *BLOOD_POOL_HALF_AXES, shape=shape)] = True
    return Rois(
        masks={
            "blood_pool": blood_pool,
            "myocardium": polygon2mask(shape, MYOCARDIUM),
            "apical_myocardium": polygon2mask(shape, APICAL_MYOCARDIUM),
        },
        contrast=(("blood_pool", "myocardium"),),
        homogeneous=("apical_myocardium",),
    )
