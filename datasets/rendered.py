"""Pre-rendered radio-frequency simulations, each of which takes minutes to compute."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from usbench.core.dataset import Dataset, DatasetCard, Split
from usbench.core.errors import UsageError
from usbench.core.sample import Sample
from usbench.io.sample_folder import INDEX, read_index, read_sample

SHIPPED = Path(__file__).parent / "simus"


@dataclass(frozen=True)
class Rendered(Dataset):
    """Cyst phantoms imaged by a linear, a phased and a convex array, simulated with SIMUS and stored as 16-bit images.

    Each folder was written by `usbench data render`; its `index.json` has the command that reproduces it. The samples
    are those of `contrast-speckle+simus` with the parameters stated there, rounded to 16 bits: 4 of the L11-5v
    (16 x 16 mm), 2 of the P4-2v (64 x 64 mm) and 2 of the C5-2v (51 x 51 mm), each 256 x 256 pixels.

    Parameters
    ----------
    path
        A rendered folder, or a folder of several; the shipped ones if empty.
    """

    name = "simus-phantom"
    card = DatasetCard(
        title="Cyst phantom, radio-frequency simulation (SIMUS)",
        kind="simulated",
        description="contrast-speckle seen by L11-5v, P4-2v and C5-2v arrays: point scatterers, 10 in a resolution "
        "cell, radio-frequency signals by pymust's SIMUS for 5 waves, delay-and-sum, coherent compounding, 20 log10 of "
        "envelope / maximum over 60 dB, clipped to [0, 1], rounded to 16 bits. The reference is the echogenicity "
        "on that scale; clutter is in the image alone.",
        splits="all shipped samples are test seeds; the train and val splits are empty",
        licence="generated",
        citation="Garcia, Comput. Methods Programs Biomed. 218:106726, 2022",
        doi="10.1016/j.cmpb.2022.106726",
        groups="the drawing: what several arrays see of one phantom is one group",
        size="8 images",
    )

    split: Split = "test"
    path: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self._folders:
            raise UsageError(f"{self.path} holds no rendered set; `usbench data render` writes one.")

    def ids(self) -> list[str]:
        """Return `l11-5v/seed-20000` and so on: the folder, and the id in the rendered set."""
        return [prefix + entry["id"] for _, prefix, entry in self._entries]

    def load(self, index: int) -> Sample:
        """Read sample number `index`."""
        folder, prefix, entry = self._entries[index]
        return read_sample(folder, entry, prefix)

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
    def _entries(self) -> list[tuple[Path, str, dict[str, Any]]]:
        indexes = [(folder, prefix, read_index(folder)) for prefix, folder in self._folders]
        return [
            (folder, prefix, entry)
            for folder, prefix, index in indexes
            if index.get("split") == self.split
            for entry in index["samples"]
        ]
