"""Pre-rendered radio-frequency simulations, each of which takes minutes to compute."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from usbench.core.dataset import Dataset, DatasetCard, Split
from usbench.core.errors import UsageError
from usbench.core.sample import Sample
from usbench.core.specifiers import parse_name, split_product
from usbench.io.sample_folder import INDEX, read_index, read_sample

SHIPPED = Path(__file__).parent / "simus"


@dataclass(frozen=True)
class Rendered(Dataset):
    """Cyst phantoms and drawn abdomens, simulated with SIMUS and stored as 16-bit images.

    Each folder was written by `usbench data render`; its `index.json` has the command that reproduces it. The samples
    are rounded to 16 bits: 12 of `contrast-speckle` seen by the L11-5v (192 x 192 pixels of 0.1 mm), and 12 of
    `abdomen` seen by the C5-2v (256 x 256 pixels of 0.35 mm).

    Parameters
    ----------
    path
        A rendered folder, or a folder of several; the shipped ones if empty.
    """

    name = "simus-phantom"
    version = "2"
    card = DatasetCard(
        title="Cyst phantoms and drawn abdomens, radio-frequency simulation (SIMUS)",
        kind="simulated",
        anatomy="phantom",
        description="contrast-speckle seen by an L11-5v array and abdomen seen by a C5-2v array: point scatterers, 10 "
        "in a resolution cell, radio-frequency signals by pymust's SIMUS for several waves, delay-and-sum, coherent "
        "compounding, gain fitted over depth, 20 log10 of envelope / white over 60 dB, clipped to [0, 1], rounded to "
        "16 bits. The reference is the expected display, with the clutter.",
        splits="all shipped samples are test seeds; the train and val splits are empty",
        licence="generated",
        citation="Garcia, Comput. Methods Programs Biomed. 218:106726, 2022",
        doi="10.1016/j.cmpb.2022.106726",
        groups="the drawing: what several arrays see of one drawing is one group",
        size="24 images",
    )

    split: Split = "test"
    path: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self._folders:
            raise UsageError(f"{self.path} holds no rendered set; `usbench data render` writes one.")

    def ids(self) -> list[str]:
        """Return `l11-5v/seed-20000` and so on: the folder, and the id in the rendered set."""
        return [prefix + entry["id"] for _, prefix, _, entry in self._entries]

    def load(self, index: int) -> Sample:
        """Read sample number `index`."""
        folder, prefix, source, entry = self._entries[index]
        sample = read_sample(folder, entry, prefix)
        return replace(sample, group=f"{source}/{sample.group}")

    def content_hash(self) -> str:
        """Return a hash of the index files, which contain the hashes of the images."""
        digest = hashlib.sha256()
        for _, folder in self._folders:
            digest.update((folder / INDEX).read_bytes())
        return digest.hexdigest()[:16]

    @cached_property
    def _folders(self) -> list[tuple[str, Path]]:
        """Return the folder of each rendering and the prefix of its ids."""
        root = Path(self.path).expanduser() if self.path else SHIPPED
        if (root / INDEX).is_file():
            return [("", root)]
        return [(f"{file.parent.name}/", file.parent) for file in sorted(root.glob(f"*/{INDEX}"))]

    @cached_property
    def _entries(self) -> list[tuple[Path, str, str, dict[str, Any]]]:
        """Return each sample's folder, the prefix of its id, the name of what was drawn, and its entry in the index."""
        indexes = [(folder, prefix, read_index(folder)) for prefix, folder in self._folders]
        return [
            (folder, prefix, parse_name(split_product(str(index.get("dataset")))[0])[0], entry)
            for folder, prefix, index in indexes
            if index.get("split") == self.split
            for entry in index["samples"]
        ]
