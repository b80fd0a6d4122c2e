"""`set+lesions`: any data set with known changes inserted into its images."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from usbench.core.dataset import Dataset, DatasetCard, Kind
from usbench.core.rng import generator
from usbench.core.sample import Sample
from usbench.core.simulated_set import SimulatedSet
from usbench.core.simulator import Insertion


@dataclass(frozen=True)
class InsertedSet(Dataset):
    """A data set whose samples also have their image with an insertion. A method despeckles both, one at a time.

    The places of the insertion depend on the names and versions of the two and on the sample's id.
    """

    source: Dataset
    insertion: Insertion

    def __post_init__(self) -> None:
        """Skip validation: both parts were validated."""

    @property
    def split(self) -> str:  # type: ignore[override]
        """The set's split."""
        return self.source.split

    @property
    def kind(self) -> Kind:
        """The set's kind."""
        return self.source.kind

    @property
    def version(self) -> str:  # type: ignore[override]
        """The versions of both."""
        return f"{self.source.version}+{self.insertion.version}"

    @property
    def card(self) -> DatasetCard:  # type: ignore[override]
        """The set's card with the insertion's statement."""
        about = self.source.card
        return about.model_copy(
            update={
                "title": f"{about.title}, {self.insertion.card.title}",
                "description": f"{about.description} {self.insertion.card.speckle}",
            }
        )

    @property
    def label(self) -> str:
        """`set+insertion`, each with the parameters that differ from its defaults."""
        return f"{self.source.label}+{self.insertion.label}"

    def notes(self) -> list[str]:
        """Return the set's notes."""
        return self.source.notes()

    def content_hash(self) -> str:
        """Return the set's hash of its files."""
        return self.source.content_hash()

    def ids(self) -> Sequence[str]:
        """Return the set's ids."""
        return self.source.ids()

    def load(self, index: int) -> Sample:
        """Return the set's sample number `index` with the insertion."""
        return self.insert(self.source.load(index))

    def insert(self, sample: Sample) -> Sample:
        """Return a sample of the set with the insertion."""
        rng = generator("insertion", _name(self.source), self.insertion.label, self.version, sample.id)
        return replace(sample, lesions=self.insertion.insert(sample, rng))


def _name(dataset: Dataset) -> str:
    """Return a set's name for the random generator, without the parameters of its source, such as `count`."""
    if isinstance(dataset, SimulatedSet):
        return f"{dataset.source.name}+{dataset.simulator.label}"
    return dataset.name
