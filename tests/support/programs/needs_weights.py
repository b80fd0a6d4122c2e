"""A method that lacks its weights."""

from dataclasses import dataclass

import usbench


@dataclass(frozen=True)
class Trained(usbench.Method):
    card = usbench.MethodCard(title="Trained", family="deep")
    weights: str = ""

    @classmethod
    def unavailable(cls):
        return "It has no weights yet."

    def despeckle(self, image):
        return image
