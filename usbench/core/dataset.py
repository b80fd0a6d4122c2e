"""The contract of a data set, and its card.

A data set is a lazy sequence of the samples of one split. A clean source is a data set without speckle;
`source+simulator` (see `usbench.core.simulated_set`) makes a simulated set of it.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from usbench.core.card import Card
from usbench.core.errors import PluginError, UsageError
from usbench.core.parameters import Parameters
from usbench.core.sample import Sample

Split = Literal["train", "val", "test"]
Kind = Literal["clean", "real", "simulated"]
# What is seen, by which a reader looks for a set; phantoms and pictures are no tissue.
Anatomy = Literal[
    "abdomen", "brain", "breast", "fetal", "heart", "muscle", "nerve", "thyroid", "vessel", "phantom", "picture",
    "other",
]  # fmt: skip
Count = Annotated[int, Field(ge=1)]


class DatasetCard(Card):
    """Content, origin and splits of a data set."""

    title: str
    kind: Kind
    anatomy: Anatomy = "other"
    description: str
    splits: str
    licence: str
    citation: str = ""
    doi: str = ""
    groups: str = ""
    home: str = ""
    size: str = ""


class Dataset(Parameters):
    """Base of every data set: subclass it with `@dataclass(frozen=True)`, with `split` as the first field.

    `version` changes whenever the content of any sample does. Simulated noise depends only on it and the sample's id.
    """

    card: ClassVar[DatasetCard]
    version: ClassVar[str] = "1"
    name: ClassVar[str] = ""
    split: Split

    def ids(self) -> Sequence[str]:
        """Return the ids of the split's samples, in order, without loading any of them."""
        raise PluginError(f"{type(self).__name__} does not define ids().")

    def load(self, index: int) -> Sample:
        """Return sample number `index`."""
        raise PluginError(f"{type(self).__name__} does not define load(index).")

    def find(self, sample: str) -> int:
        """Return the index of a sample by its id, or by its number as text.

        Raises
        ------
        UsageError
            If the split has no such sample.
        """
        ids = list(self.ids())
        if sample in ids:
            return ids.index(sample)
        if sample.isdigit() and int(sample) < len(ids):
            return int(sample)
        some = f"it has {len(ids)}, such as {', '.join(ids[:3])}" if ids else "it has none"
        raise UsageError(f"{self.label} has no sample {sample!r} in the split {self.split!r}; {some}.")

    def notes(self) -> list[str]:
        """Return sentences that the user should read before a run, such as on files that are left out."""
        return []

    def content_hash(self) -> str:
        """Return a hash of content outside the code (a user's files, trained weights); empty if there is none."""
        return ""

    def __len__(self) -> int:
        return len(self.ids())

    def __getitem__(self, index: int) -> Sample:
        count = len(self)
        if not -count <= index < count:
            raise IndexError(index)
        return self.load(index % count)

    def __iter__(self) -> Iterator[Sample]:
        return (self.load(index) for index in range(len(self)))

    @property
    def kind(self) -> Kind:
        """Whether samples are clean, real or simulated."""
        return self.card.kind

    @property
    def label(self) -> str:
        """The canonical name without the split, such as `natural` or `phantom[size=128]`."""
        return (self.name or type(self).__name__) + self.suffix(skip=("split",))
