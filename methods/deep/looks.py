"""Two looks at the same scene, for a network that predicts one from the other."""

import itertools
from dataclasses import dataclass

from usbench.core.rng import generator
from usbench.training.contracts import Pair

from ..pix2pix.pairs import Source

OTHER = 2**31 - 1  # from the number of a pair that is passed over to that of the pair in its place


@dataclass
class TwoLooks:
    """Pairs (speckled, speckled again): the same crop by the same scanner, under independent speckle.

    Real frames, of which there is one look only, are passed over.
    """

    pairs: Source

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`; its first half is the input of the supervised networks."""
        index = next(number for number in itertools.count(index, OTHER) if self.pairs.has_clean(number))
        again = self.pairs.simulated(index, generator("second look", index))
        return self.pairs(index)[0], again.image
