"""A method whose training images are those of a card."""

from dataclasses import dataclass
from pathlib import Path

import usbench
from usbench.weights.leakage import card_fingerprints

INDEX = "network.json"


@dataclass(frozen=True)
class Network(usbench.Method):
    name = "network"
    card = usbench.MethodCard(title="A trained network", family="deep")

    def despeckle(self, image):
        return image.clone()

    def training_fingerprints(self):
        return card_fingerprints(Path(INDEX))
