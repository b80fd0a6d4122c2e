"""Training pairs of `D` and `S`, each a function of its number alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from usbench import registry
from usbench.dataset import Dataset
from usbench.errors import UsageError
from usbench.imageio import read_image
from usbench.rng import generator
from usbench.training import Pair

from .lrr import low_radiometric_resolution, speckle_seed

SIZE = 256
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".dcm"}


@dataclass
class ImagePool:
    """Clean or real images kept in memory as 8 bit: a user's folder, or the samples of a source's train split.

    Parameters
    ----------
    files
        Image files to read on first use.
    sources
        Data sets whose images are added.
    """

    files: Sequence[Path] = ()
    sources: Sequence[Dataset] = ()
    _kept: dict[int, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.files) + sum(len(source) for source in self.sources)

    def __getitem__(self, index: int) -> np.ndarray:
        if index not in self._kept:
            self._kept[index] = np.round(self._load(index) * 255).astype(np.uint8)
        return self._kept[index].astype(np.float32) / 255

    def _load(self, index: int) -> np.ndarray:
        if index < len(self.files):
            return read_image(self.files[index]).pixels
        index -= len(self.files)
        for source in self.sources:
            if index < len(source):
                return source[index].image
            index -= len(source)
        raise IndexError(index)


@dataclass
class SimulatorPairs:
    """Pairs of `S`: (low radiometric resolution of a real B-mode image under seed noise, that image).

    No MRI is needed: applied to the low-resolution version of an MRI slice, `S` returns speckled ultrasound that is
    aligned with it pixel by pixel.
    """

    pool: ImagePool

    def __call__(self, index: int) -> Pair:
        """Return a random 256 x 256 crop of a real image, coarse and as it is."""
        rng = generator("gan-s", index)
        bmode = vary(self.pool[int(rng.integers(len(self.pool)))], rng, turn=False)
        return speckle_seed(low_radiometric_resolution(bmode), rng), bmode


@dataclass
class DespecklerPairs:
    """Pairs of `D`: (speckled, clean) from several clean pools, each with its simulator, in equal shares."""

    products: Sequence[tuple[ImagePool, str]]

    def __call__(self, index: int) -> Pair:
        """Return a random 256 x 256 crop of a clean image, speckled and as the simulator's reference."""
        rng = generator("gan-d", index)
        pool, simulator = self.products[index % len(self.products)]
        clean = vary(pool[int(rng.integers(len(pool)))], rng, turn=True)
        simulated = registry.load_simulator(simulator).simulate(clean, rng)
        return simulated.image, simulated.reference


def vary(image: np.ndarray, rng: np.random.Generator, turn: bool) -> np.ndarray:
    """Return a random 256 x 256 view of an image: zoomed by 0.8 to 1.25, mirrored, and turned if `turn` is set.

    Small images are continued by reflection.
    """
    from scipy.ndimage import zoom

    if rng.random() < 0.5:
        image = np.clip(zoom(image, rng.uniform(0.8, 1.25), order=1), 0, 1)
    short = [max(0, SIZE - extent) for extent in image.shape]
    image = np.pad(image, [(n // 2, n - n // 2) for n in short], mode="symmetric")
    top, left = (int(rng.integers(extent - SIZE + 1)) for extent in image.shape)
    view = image[top : top + SIZE, left : left + SIZE]
    if rng.random() < 0.5:
        view = view[:, ::-1]
    if turn:
        view = np.rot90(view, int(rng.integers(4)))
    return np.ascontiguousarray(view, dtype=np.float32)


def image_files(folder: Path) -> list[Path]:
    """Return the image files under a folder in the order of their names.

    Raises
    ------
    UsageError
        If the folder does not exist or holds no image.
    """
    if not folder.is_dir():
        raise UsageError(f"The image folder {folder} does not exist.")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise UsageError(f"The folder {folder} holds no image ({', '.join(sorted(SUFFIXES))}).")
    return found
