"""The contract of a speckle simulator, and its card."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from usbench.core.card import Card
from usbench.core.errors import PluginError
from usbench.core.lesions import InsertedLesions
from usbench.core.parameters import Parameters
from usbench.core.sample import Sample


class SimulatorCard(Card):
    """Title, origin and speckle model of a simulator.

    `speckle` states in one or two sentences, with the equation, exactly how speckle is added, scaled and clipped.
    """

    title: str
    speckle: str
    citation: str = ""
    doi: str = ""
    licence: str = "Apache-2.0"
    trained_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Simulated:
    """The result of a simulator.

    Attributes
    ----------
    image
        The speckled B-mode image, float32 in [0, 1].
    reference
        The image that perfect despeckling would return, on the same grey scale.
    dynamic_range_db
        As in `Sample`.
    scan
        Boolean (axial, lateral): the scan, outside of which both images are black; None if it is the whole image.
    spacing
        As in `Sample`, if the simulator uses another pixel size than the source's; else None.
    """

    image: np.ndarray
    reference: np.ndarray
    dynamic_range_db: float | None = None
    scan: np.ndarray | None = None
    spacing: tuple[float, float] | None = None


class Simulator(Parameters):
    """Base of every simulator: subclass it with `@dataclass(frozen=True)`; the fields are the parameters.

    `version` changes whenever any image does.
    """

    card: ClassVar[SimulatorCard]
    version: ClassVar[str] = "1"
    name: ClassVar[str] = ""

    @classmethod
    def unavailable(cls) -> str:
        """Return why the simulator cannot be used here and what to do, in one sentence; empty if it can be used.

        For simulators that need something that cannot be shipped. They are listed, a run of everything leaves them out,
        and asking for one by name raises an error with this sentence.
        """
        return ""

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Return a speckled image of a clean one.

        Parameters
        ----------
        clean
            (axial, lateral), float32 in [0, 1].
        rng
            The only source of randomness.
        """
        raise PluginError(f"{type(self).__name__} does not define simulate(clean, rng).")

    def simulate_sample(self, clean: Sample, rng: np.random.Generator) -> Simulated:
        """Return a speckled image of a clean sample; override it if pixel size or dynamic range matter."""
        return self.simulate(clean.image, rng)

    def weights_hash(self) -> str:
        """Return a hash of the simulator's trained weights; empty if there are none."""
        return ""

    @property
    def label(self) -> str:
        """The canonical name, such as `psf[dynamic_range_db=50]`."""
        return (self.name or type(self).__name__) + self.suffix()


class Insertion(Simulator):
    """Base of insertions: known changes of finished images of any data set, real ones included."""

    def insert(self, sample: Sample, rng: np.random.Generator) -> InsertedLesions | None:
        """Return the sample's image with the change; None if there is no room for it.

        Parameters
        ----------
        sample
            Any sample.
        rng
            The only source of randomness.
        """
        raise PluginError(f"{type(self).__name__} does not define insert(sample, rng).")
