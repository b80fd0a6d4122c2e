"""A data set of flat images."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

import usbench


@dataclass(frozen=True)
class Mine(usbench.Dataset):
    card = usbench.DatasetCard(title="x", kind="clean", description="x", splits="x", licence="x")
    split: Literal["train", "val", "test"] = "test"
    count: int = 2

    def ids(self):
        return [str(number) for number in range(self.count)]

    def load(self, index):
        grey = np.full((40, 40), 0.5, np.float32)
        return usbench.Sample(str(index), grey, reference=grey)
