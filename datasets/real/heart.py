"""Echocardiograms: CAMUS and EchoNet-Dynamic."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from usbench.core.dataset import DatasetCard
from usbench.io import count_frames

from .base import Picture, RealSet
from .layouts import Entry, Pairs, Tree, in_order
from .masks import Labels
from .tables import read_table


@dataclass(frozen=True)
class Camus(RealSet):
    """CAMUS: two- and four-chamber views at end diastole and end systole, as NIfTI or, in older copies, as MHD.

    NIfTI stores the lateral axis first, so images are transposed. Labels are 1 left ventricle, 2 myocardium and 3 left
    atrium.

    Parameters
    ----------
    sequences
        Whether to use all frames of the half sequences instead of two per view.
    """

    name = "camus"
    card = DatasetCard(
        title="CAMUS, apical echocardiograms",
        kind="real",
        anatomy="heart",
        description="GE Vivid E95, two views of 500 patients. ROIs: left ventricle, myocardium and atrium, each "
        "against what is beside it at its depth.",
        splits="patients 1-400 train, 401-450 val, 451-500 test",
        groups="the patient",
        licence="CC BY-NC-SA 4.0",
        citation="Leclerc et al., IEEE Trans. Med. Imaging 38:2198, 2019",
        doi="10.1109/TMI.2019.2900516",
        home="https://humanheart-project.creatis.insa-lyon.fr/database/",
        size="500 patients, 2000 images with masks, 4 GB",
    )
    layout = Pairs(
        image=r"(?P<group>patient\d+)/(?P<id>(?P=group)_[24]CH_(?:ED|ES|half_sequence))\.(?P<suffix>nii\.gz|nii|mhd)",
        masks=(r"\g<group>/\g<id>_gt.\g<suffix>",),
        says="files patient0001/patient0001_4CH_ED.nii.gz with patient0001_4CH_ED_gt.nii.gz",
    )
    masks = Labels({1: "ventricle", 2: "myocardium", 3: "atrium"})

    sequences: bool = False

    def list_entries(self, tree: Tree) -> list[Entry]:
        """Return an entry per view and phase, or per frame of the sequences."""
        found = self.layout.entries(tree)
        if not self.sequences:
            return [entry for entry in found if not entry.id.endswith("half_sequence")]
        return in_order(
            replace(entry, id=f"{entry.id}-{frame:03d}", frame=frame)
            for entry in found
            if entry.id.endswith("half_sequence")
            for frame in range(count_frames(entry.image))
        )

    def split_of(self, entry: Entry) -> str:
        """Return the split by the patient's number."""
        number = int(entry.group.removeprefix("patient"))
        return "train" if number <= 400 else "val" if number <= 450 else "test"


@dataclass(frozen=True)
class Echonet(RealSet):
    """EchoNet-Dynamic: the two frames of each four-chamber video (112 x 112 pixels) with a traced ventricle.

    A tracing lists chords across the ventricle. The first is its long axis, and the ends of the others form the
    outline.
    """

    name = "echonet"
    card = DatasetCard(
        title="EchoNet-Dynamic, apical echocardiograms",
        kind="real",
        anatomy="heart",
        description="112 x 112 videos, downsampled and compressed twice by their authors. ROIs: left ventricle "
        "against what is beside it at its depth.",
        splits="the set's own (column Split of FileList.csv)",
        groups="the video, one patient each",
        licence="Stanford University research use agreement",
        citation="Ouyang et al., Nature 580:252, 2020",
        doi="10.1038/s41586-020-2145-8",
        home="https://echonet.github.io/dynamic/",
        size="10,030 videos, 7 GB",
    )
    layout = Pairs(
        image=r"Videos/(?P<id>(?P<group>[^/]+))\.avi",
        says="files Videos/*.avi with VolumeTracings.csv and FileList.csv",
    )

    def list_entries(self, tree: Tree) -> list[Entry]:
        """Return an entry per traced frame, or the first frame of videos without a tracing."""
        found = self.layout.entries(tree)
        if not found:
            return []
        folder = found[0].image.parent.parent
        splits = {
            _stem(row.get("FileName", "")): row.get("Split", "").lower() for row in read_table(folder / "FileList.csv")
        }
        traced: dict[str, set[int]] = {}
        for row in read_table(folder / "VolumeTracings.csv"):
            if row.get("Frame", "").isdigit():
                traced.setdefault(_stem(row.get("FileName", "")), set()).add(int(row["Frame"]))
        beside = tuple(file for file in (folder / "VolumeTracings.csv",) if file.is_file())
        return in_order(
            replace(entry, id=f"{entry.id}-{frame:04d}", masks=beside, frame=frame, split=splits.get(entry.id, ""))
            for entry in found
            for frame in sorted(traced.get(entry.id, {0}))
        )

    @cached_property
    def _chords(self) -> dict[tuple[str, int], list[tuple[float, float, float, float]]]:
        table = read_table(self.everything[0].image.parent.parent / "VolumeTracings.csv")
        found: dict[tuple[str, int], list[tuple[float, float, float, float]]] = {}
        for row in table:
            try:
                x1, y1, x2, y2 = (float(row[key]) for key in ("X1", "Y1", "X2", "Y2"))
                found.setdefault((_stem(row["FileName"]), int(row["Frame"])), []).append((x1, y1, x2, y2))
            except (KeyError, ValueError):
                continue
        return found

    def read(self, entry: Entry) -> Picture:
        """Read a frame and make the mask of the ventricle from its chords."""
        from skimage.draw import polygon2mask

        picture = super().read(entry)
        chords = self._chords.get((entry.group, entry.frame), [])[1:]
        if len(chords) < 2:
            return picture
        outline = [(y1, x1) for x1, y1, _, _ in chords] + [(y2, x2) for _, _, x2, y2 in reversed(chords)]
        return replace(picture, structures={"ventricle": polygon2mask(picture.grey.shape, np.array(outline))})


def _stem(name: str) -> str:
    return name.removesuffix(".avi")
