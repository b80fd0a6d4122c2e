"""The contract of a speckle simulator, and its card."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from usbench.core.errors import PluginError
from usbench.core.lesions import InsertedLesions
from usbench.core.parameters import Parameters
from usbench.core.sample import Sample


class SimulatorCard(BaseModel):
    """States how exactly speckle is added, scaled and clipped.

    `speckle` says it in one or two sentences with the equation: it is the question that users of simulated sets ask
    most.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    speckle: str
    citation: str = ""
    doi: str = ""
    licence: str = "Apache-2.0"
    trained_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Simulated:
    """What a simulator returns.

    Attributes
    ----------
    image
        The speckled B-mode image, float32 in [0, 1].
    reference
        The image that perfect despeckling would return, on the same grey scale.
    dynamic_range_db
        As in `Sample`.
    scan
        Boolean (axial, lateral): where the scan is, outside of which both images are black; None if it is everywhere.
    spacing
        As in `Sample`, if the simulator takes the image for another size than its source says; None if it does not.
    """

    image: np.ndarray
    reference: np.ndarray
    dynamic_range_db: float | None = None
    scan: np.ndarray | None = None
    spacing: tuple[float, float] | None = None


class Simulator(Parameters):
    """Base of every simulator: subclass it with `@dataclass(frozen=True)`; the fields are the parameters.

    `version` changes whenever any image's content does.
    """

    card: ClassVar[SimulatorCard]
    version: ClassVar[str] = "1"
    name: ClassVar[str] = ""

    @classmethod
    def unavailable(cls) -> str:
        """Return why the simulator cannot be used here and what to do about it, in one sentence; empty if it can.

        For a simulator that needs what cannot be shipped: it is still listed and shown, a run of everything leaves it
        out, and asking for it by name gives the sentence.
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
        """Return a speckled image of a clean sample; override it if the size of a pixel or its range in dB matters."""
        return self.simulate(clean.image, rng)

    def weights_hash(self) -> str:
        """Return a hash of trained weights that the simulator uses; empty if there are none."""
        return ""

    @property
    def label(self) -> str:
        """The canonical name, such as `psf[dynamic_range_db=50]`."""
        return (self.name or type(self).__name__) + self.suffix()


class Insertion(Simulator):
    """Base of what is put into finished images of any set, real ones too, as a change that is known exactly."""

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
