"""Two looks at the same scene, for a network that predicts one from the other."""

from dataclasses import dataclass

from usbench.core.rng import generator
from usbench.training.contracts import Pair

from ..pix2pix.pairs import Source


@dataclass
class TwoLooks:
    """Pairs (speckled, speckled again): the same crop by the same scanner, under independent speckle."""

    pairs: Source

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`; its first half is the input of the supervised networks."""
        again = self.pairs.simulated(index, generator("second look", index))
        return self.pairs(index)[0], again.image
