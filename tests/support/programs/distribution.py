"""A plugin of every kind, as another distribution has them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

import usbench

NAME = "distribution"


@usbench.numpy_method(title="Invert")
def invert(image, strength: float = 1.0):
    return strength * (1 - image)


@dataclass(frozen=True)
class Halve(usbench.Simulator):
    card = usbench.SimulatorCard(title="Halve", speckle="n = x / 2 + noise")

    def simulate(self, clean, rng):
        return usbench.Simulated((clean / 2 + 0.1 * rng.random(clean.shape)).astype("float32"), clean)


@dataclass(frozen=True)
class Grey(usbench.Dataset):
    card = usbench.DatasetCard(title="Grey", kind="clean", description="grey", splits="one", licence="none")
    split: Literal["train", "val", "test"] = "test"

    def ids(self):
        return ["a", "b"]

    def load(self, index):
        return usbench.Sample(id="ab"[index], image=np.full((16, 16), 0.5, "float32"))


BRIGHTNESS = usbench.Metric(
    f"brightness_{NAME}", "Brightness", lambda y: float(y.mean()), (), "higher", "", "mean of y"
)
