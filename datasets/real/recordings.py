"""Single recordings with manually drawn regions: the test data of PLUS and of ITKUltrasound.

Each is a MetaImage volume. A table states the order of its axes, whether it is radio frequency, and its regions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from usbench.core.dataset import DatasetCard
from usbench.core.errors import ImageError
from usbench.core.sample import Rois
from usbench.io.metaimage import read_header, read_voxels
from usbench.ultrasound.rf import display, envelope
from usbench.ultrasound.rois import window_rois
from usbench.ultrasound.scan_area import scan_area

from .base import Picture, RealSet
from .layouts import Entry, Pairs, Tree, in_order

Polygon = tuple[tuple[int, int], ...]  # (row, column) of the B-mode image


@dataclass(frozen=True)
class Recording:
    """How to read a volume as B-mode frames, and its regions.

    Attributes
    ----------
    rf
        Whether it is radio frequency or display values.
    lines_first
        Whether a row of the file is a scan line (F in its orientation), so that frames are transposed.
    every
        Decimation along the line.
    regions, contrast, homogeneous
        Regions drawn once, inside their tissue in every frame.
    labels
        File of a label volume on the same grid, and the name of its region.
    spacing
        Whether the file's spacing is in mm; many files have 1 for unknown.
    reflectors
        Whether it shows targets in water, so that no window is homogeneous tissue.
    """

    rf: bool
    lines_first: bool
    every: int
    regions: Mapping[str, Polygon]
    contrast: tuple[tuple[str, str], ...] = ()
    homogeneous: tuple[str, ...] = ()
    labels: tuple[str, str] | None = None
    spacing: bool = False
    reflectors: bool = False


@dataclass(frozen=True)
class Recordings(RealSet):
    """Base of sets of recordings."""

    table: ClassVar[Mapping[str, Recording]]

    def list_entries(self, tree: Tree) -> list[Entry]:
        """Return an entry per frame of each file in the table."""
        found = []
        for entry in self.layout.entries(tree):
            header = read_header(entry.image)
            recording = self.table[entry.id]
            beside = [entry.image.parent / recording.labels[0]] if recording.labels else []
            files = (
                *([header.data] if header.data != entry.image else []),
                *(file for file in beside if file.is_file()),
            )
            frames = header.size[2] if len(header.size) > 2 else 1
            found += [
                Entry(f"{entry.id.partition('.')[0]}-{frame:02d}", entry.image, files, entry.id, "test", frame)
                for frame in range(frames)
            ]
        return in_order(found)

    def read(self, entry: Entry) -> Picture:
        """Return the B-mode of a frame."""
        recording = self.table[entry.group]
        frame = self._plane(entry.image, entry.frame, recording)
        image = display(envelope(frame, every=recording.every), self.dynamic_range_db) if recording.rf else None
        if image is None:
            image = frame[:: recording.every].astype(np.float32) / 255
        structures = {}
        label_file = entry.image.parent / recording.labels[0] if recording.labels else None
        if recording.labels and label_file in entry.masks:
            labels = self._plane(entry.masks[entry.masks.index(label_file)], entry.frame, recording)
            structures[recording.labels[1]] = labels[:: recording.every] > 0
        return Picture(image, structures, spacing=_spacing(entry.image, recording))

    def lay_rois(self, entry: Entry, picture: Picture) -> Rois:
        """Return the regions of the table, or else regions by rule, inside the labelled structure if there is one."""
        from skimage.draw import polygon2mask

        recording = self.table[entry.group]
        if not recording.regions:
            (area,) = picture.structures.values() or (scan_area(picture.grey),)
            found = window_rois(picture.grey, area)
            homogeneous = () if recording.reflectors else found.homogeneous
            kept = {name: mask for name, mask in found.masks.items() if name != "homogeneous" or homogeneous}
            return Rois({**picture.structures, **kept}, found.contrast, homogeneous)
        masks = {name: polygon2mask(picture.grey.shape, polygon) for name, polygon in recording.regions.items()}
        return Rois(masks, recording.contrast, recording.homogeneous)

    def _plane(self, file: Path, frame: int, recording: Recording) -> np.ndarray:
        voxels, header = _volume(file)
        if header.channels > 1:
            raise ImageError(f"The volume {file} has {header.channels} values in a voxel where one is expected.")
        planes = voxels.reshape(-1, *voxels.shape[-2:])
        if frame >= len(planes):
            raise ImageError(f"The volume {file} has {len(planes)} frames where frame {frame} is expected.")
        return planes[frame].T if recording.lines_first else planes[frame]


_volume = lru_cache(maxsize=2)(read_voxels)


def _spacing(file: Path, recording: Recording) -> tuple[float, float] | None:
    if not recording.spacing:
        return None
    x, y = read_header(file).spacing[:2]
    axial, lateral = (x, y) if recording.lines_first else (y, x)
    return axial * recording.every, lateral


def _box(top: int, left: int, bottom: int, right: int) -> Polygon:
    return ((top, left), (top, right), (bottom, right), (bottom, left))


class Pluslib(Recordings):
    """Test data of the PLUS toolkit: a bone under a linear probe, and phantoms under two convex ones.

    `BkCurvilinearRfData` is radio frequency and `UltrasonixCurvilinearBrightnessData` grey, both before scan
    conversion. The others are lossless display images. Regions are drawn manually; see `usbench data show`.
    """

    name = "pluslib"
    card = DatasetCard(
        title="PLUS toolkit, several scanners",
        kind="real",
        description="Bone (L14, 21 frames), phantoms of BK (RF and display) and Ultrasonix (before and after scan "
        "conversion, 5 frames each); RF to B-mode by the analytic signal, 60 dB. ROIs drawn by hand.",
        splits="all recordings are test; with whole=true every split is the whole set",
        groups="the recording",
        licence="BSD-3-Clause (PlusLib)",
        citation="Lasso et al., IEEE Trans. Biomed. Eng. 61:2527, 2014",
        home="https://github.com/PlusToolkit/PlusLibData",
        size="33 frames, 14 MB",
    )
    table: ClassVar[Mapping[str, Recording]] = {
        "BoneUltrasound_L14.igs.mha": Recording(
            False, False, 1,
            {"tissue": _box(435, 592, 500, 636), "shadow": _box(435, 440, 500, 500), "muscle": _box(98, 500, 138, 570)},
            (("tissue", "shadow"),), ("muscle",),
        ),
        "BkCurvilinearScanConvertedData.igs.mha": Recording(
            False, False, 1,
            {"inclusion": _box(103, 262, 122, 355), "bath": _box(98, 172, 122, 222),
             "medium": _box(258, 225, 284, 270)},
            (("inclusion", "bath"),), ("medium",),
        ),
        "BkCurvilinearRfData.igs.mhd": Recording(
            True, True, 6,
            {"inclusion": _box(96, 145, 136, 235), "bath": _box(96, 66, 136, 104), "tissue": _box(215, 125, 260, 230)},
            (("inclusion", "bath"),), ("tissue",),
        ),
        "UltrasonixCurvilinearBrightnessData.igs.mha": Recording(False, True, 8, {}, reflectors=True),
        "UltrasonixCurvilinearScanConvertedDataGroundTruth.igs.mha": Recording(False, False, 1, {}, reflectors=True),
    }  # fmt: skip
    layout = Pairs(
        image=rf"(?P<id>{'|'.join(name.replace('.', '[.]') for name in table)})",
        says="files BoneUltrasound_L14.igs.mha, BkCurvilinearRfData.igs.mhd and the like",
    )


class Itk(Recordings):
    """Radio frequency of a mouse liver and of beef, from the test data of ITKUltrasound."""

    name = "itk"
    card = DatasetCard(
        title="ITKUltrasound, mouse liver and beef (RF)",
        kind="real",
        description="RF lines to B-mode by the analytic signal, 60 dB, every third sample of the envelope. ROIs: the "
        "liver of the label volume, and windows drawn by hand.",
        splits="both recordings are test; with whole=true every split is the whole set",
        groups="the recording: frames of the liver are one group",
        licence="Apache-2.0 (ITKUltrasound)",
        citation="McCormick et al., ITKUltrasound",
        home="https://github.com/KitwareMedical/ITKUltrasound",
        size="5 frames, 3 MB",
    )
    table: ClassVar[Mapping[str, Recording]] = {
        "MouseLiverRF.mha": Recording(
            True, True, 3, {}, labels=("MouseLiverRF-label.mha", "liver"), spacing=True,
        ),
        "EyeRoundOverChuck_5.0MHz_20V.mha": Recording(
            True, True, 3,
            {"tissue": _box(400, 88, 432, 106), "shadow": _box(400, 150, 432, 220), "muscle": _box(230, 125, 275, 180)},
            (("tissue", "shadow"),), ("muscle",),
        ),
    }  # fmt: skip
    layout = Pairs(
        image=rf"(?P<id>{'|'.join(name.replace('.', '[.]') for name in table)})",
        says="files MouseLiverRF.mha with MouseLiverRF-label.mha, and EyeRoundOverChuck_5.0MHz_20V.mha",
    )
