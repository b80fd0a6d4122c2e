"""My data set: its content and its origin."""

from dataclasses import dataclass

import numpy as np

import usbench
from usbench.core.dataset import Count, Split
from usbench.core.rng import generator

SIZE = 128  # pixels


@dataclass(frozen=True)
class MyDataset(usbench.Dataset):
    """Discs of random place, radius and grey on a grey background: replace `load` with code for your images.

    A sample is made when it is requested, and must always be the same. Images of one patient, volume or scene share a
    `group` and a split. A `Sample` may also have regions of interest (`usbench.Rois`), a pixel size (`spacing`, in mm)
    and, for log-compressed images, `dynamic_range_db`.

    Parameters
    ----------
    count
        Images in the split.
    """

    name = "my_dataset"
    version = "1"  # raise it whenever any image changes
    card = usbench.DatasetCard(
        title="My dataset",
        kind="clean",  # "real" for B-mode without reference; simulators work on clean sets: my_dataset+rayleigh
        description="A disc of radius 10 to 40 pixels and grey 0.2 to 0.9 on grey 0.4, 128 x 128.",
        splits="generated; the split's name is part of the seed",
        licence="generated",
    )

    split: Split = "test"
    count: Count = 8

    def ids(self) -> list[str]:
        """Return the ids of the split's images, in order, without loading images."""
        return [f"{self.split}-{index:03d}" for index in range(self.count)]

    def load(self, index: int) -> usbench.Sample:
        """Draw image number `index`: float32 in [0, 1], (axial, lateral)."""
        sample_id = self.ids()[index]
        rng = generator(self.name, self.version, sample_id)
        row, column = np.mgrid[:SIZE, :SIZE]
        centre, radius, grey = rng.uniform(40, SIZE - 40, 2), rng.uniform(10, 40), rng.uniform(0.2, 0.9)
        inside = (row - centre[0]) ** 2 + (column - centre[1]) ** 2 < radius**2
        clean = np.where(inside, grey, 0.4).astype(np.float32)
        return usbench.Sample(id=sample_id, image=clean, reference=clean)
