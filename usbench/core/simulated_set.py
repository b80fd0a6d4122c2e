"""`source+simulator`: a simulated set made of any clean source and any simulator."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from usbench.core.dataset import Dataset, DatasetCard
from usbench.core.errors import ImageError, UsageError
from usbench.core.rng import generator
from usbench.core.sample import Sample
from usbench.core.simulator import Simulated, Simulator


@dataclass(frozen=True)
class SimulatedSet(Dataset):
    """A clean source with simulated speckle.

    The noise of a sample depends on the names, versions and parameters of the two and on the sample's id: never on the
    method, the size of the split or what ran before.
    """

    source: Dataset
    simulator: Simulator

    def __post_init__(self) -> None:
        if self.source.kind != "clean":
            message = f"{self.source.label} is {self.source.kind} data; speckle can be added to clean sources only."
            raise UsageError(message)

    @property
    def split(self) -> str:  # type: ignore[override]
        """The source's split."""
        return self.source.split

    @property
    def version(self) -> str:  # type: ignore[override]
        """The source's version, followed by `+` and the simulator's unless that is 1."""
        later = self.simulator.version
        return self.source.version + (f"+{later}" if later != "1" else "")

    @property
    def card(self) -> DatasetCard:  # type: ignore[override]
        """The source's card with the simulator's statement of the speckle."""
        source, simulator = self.source.card, self.simulator.card
        return DatasetCard(
            title=f"{source.title}, {simulator.title}",
            kind="simulated",
            anatomy=source.anatomy,
            description=f"{source.description} {simulator.speckle}",
            splits=source.splits,
            licence=source.licence,
            citation="; ".join(filter(None, (source.citation, simulator.citation))),
        )

    @property
    def label(self) -> str:
        """`source+simulator`, each with the parameters that differ from its defaults."""
        return f"{self.source.label}+{self.simulator.label}"

    def notes(self) -> list[str]:
        """Return the source's notes."""
        return self.source.notes()

    def content_hash(self) -> str:
        """Return a hash of the files that source and simulator read; empty if they read none."""
        return self.source.content_hash() + self.simulator.weights_hash()

    def ids(self) -> Sequence[str]:
        """Return the source's ids."""
        return self.source.ids()

    def load(self, index: int) -> Sample:
        """Return the source's sample number `index` with speckle."""
        clean = self.source.load(index)
        simulated = self._simulate(clean)
        return Sample(
            id=clean.id,
            image=simulated.image,
            reference=simulated.reference,
            rois=clean.rois if simulated.scan is None else clean.rois.within(simulated.scan),
            group=clean.group,
            spacing=simulated.spacing or clean.spacing,
            dynamic_range_db=simulated.dynamic_range_db,
        )

    def noise(self, clean: Sample) -> np.random.Generator:
        """Return the random generator of a sample's noise."""
        return generator("noise", self.source.name, self.simulator.label, self.version, clean.id)

    def _simulate(self, clean: Sample) -> Simulated:
        simulated = self.simulator.simulate_sample(clean, self.noise(clean))
        if simulated.image.shape != clean.image.shape:
            found, expected = simulated.image.shape, clean.image.shape
            raise ImageError(f"{self.simulator.label} returned an image of shape {found} for one of shape {expected}.")
        return simulated
