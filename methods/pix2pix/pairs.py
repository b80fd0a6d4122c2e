"""Training pairs of despecklers, each a deterministic function of its number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from usbench.core.dataset import Dataset
from usbench.core.rng import generator
from usbench.core.simulator import Simulated, Simulator
from usbench.io import count_frames
from usbench.training.contracts import Pair

from .slices import training_images


@dataclass
class ImagePool:
    """Clean or real training images, cached in memory as 8 bit: a user's files, and the samples of data sets.

    Parameters
    ----------
    files
        Image files, volumes and cines; files with a single frame are read on first use.
    sources
        Data sets whose images are added.
    """

    files: Sequence[Path] = ()
    sources: Sequence[Dataset] = ()
    _kept: dict[int, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._in_files) + sum(len(source) for source in self.sources)

    def __getitem__(self, index: int) -> np.ndarray:
        if index not in self._kept:
            self._kept[index] = self._load(index)
        return self._kept[index]

    def names(self) -> list[str]:
        """Return a name for each image."""
        return [name for name, _ in self._in_files] + [name for source in self.sources for name in source.ids()]

    @cached_property
    def _in_files(self) -> list[tuple[str, Callable[[], np.ndarray]]]:
        """Name and reader of each image in the files; volumes are read now, to count their non-empty slices."""
        found: list[tuple[str, Callable[[], np.ndarray]]] = []
        for file in self.files:
            if count_frames(file) == 1:
                found.append((file.name, partial(_only_image, file)))
                continue
            images = training_images(file)
            found += [(f"{file.name}#{number}", partial(np.asarray, image)) for number, image in enumerate(images)]
        return found

    def _load(self, index: int) -> np.ndarray:
        if index < len(self._in_files):
            return self._in_files[index][1]()
        index -= len(self._in_files)
        for source in self.sources:
            if index < len(source):
                return np.round(source[index].image * 255).astype(np.uint8)
            index -= len(source)
        raise IndexError(index)


def _only_image(file: Path) -> np.ndarray:
    return training_images(file)[0]


@dataclass
class DespecklerPairs:
    """Pairs of `D`: (speckled, clean) from several clean pools, each with its simulator, in equal shares.

    Parameters
    ----------
    training_sets
        Pools and their simulators; one that is listed twice has a double share. A pool of real B-mode has None as its
        simulator: such an image is both halves of its pair, and is never rotated, because its speckle has a direction.
    size
        Height and width of a pair in pixels.
    zoomed
        Whether half of the clean images are enlarged or reduced at random first.
    """

    training_sets: Sequence[tuple[ImagePool, Simulator | None]]
    size: int
    zoomed: bool = True

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`: a random crop, speckled, and the simulator's reference of it."""
        simulated = self.simulated(index)
        return simulated.image, simulated.reference

    def simulated(self, index: int, speckle: np.random.Generator | None = None) -> Simulated:
        """Return the simulated crop of pair `index`; with `speckle`, a second look of the same scanner at that crop."""
        rng = generator("gan-d", index)
        pool, simulator = self.training_sets[index % len(self.training_sets)]
        chosen = pool[int(rng.integers(len(pool)))]
        image = vary(chosen, rng, self.size, turn=simulator is not None, zoomed=self.zoomed)
        if simulator is None:
            return Simulated(image, image)
        draws: Any = OtherSpeckle(rng, speckle) if speckle else rng
        return simulator.simulate(image, draws)

    def has_clean(self, index: int) -> bool:
        """Return whether the second half of a pair is a clean image, which real B-mode does not have."""
        return self.training_sets[index % len(self.training_sets)][1] is not None


class Source(Protocol):
    """Pairs (speckled, clean), each a function of its number."""

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`, both (H, W) float32 in [0, 1]."""

    def simulated(self, index: int, speckle: np.random.Generator | None = None) -> Simulated:
        """Return the simulated image of pair `index`; with `speckle`, a second look of the same scanner at it."""

    def has_clean(self, index: int) -> bool:
        """Return whether the second half of a pair is a clean image, which real B-mode does not have."""


@dataclass
class InTurn:
    """Pairs of several sources in turn."""

    sources: Sequence[Source]

    def __call__(self, index: int) -> Pair:
        """Return pair number `index` of the source whose turn it is."""
        return self._source(index)(index)

    def simulated(self, index: int, speckle: np.random.Generator | None = None) -> Simulated:
        """Return the simulated image of pair `index`; with `speckle`, a second look of the same scanner at it."""
        return self._source(index).simulated(index, speckle)

    def has_clean(self, index: int) -> bool:
        """Return whether pair `index` has a clean half."""
        return self._source(index).has_clean(index)

    def _source(self, index: int) -> Source:
        return self.sources[index % len(self.sources)]


class OtherSpeckle:
    """A random generator that draws numbers from one generator and arrays from another.

    Simulators draw the properties of a scanner (grain, range, gain) as numbers, and speckle and noise as arrays. With
    this generator any simulator gives a second look with the same scanner.
    """

    def __init__(self, scanner: np.random.Generator, speckle: np.random.Generator) -> None:
        self._scanner, self._speckle = scanner, speckle

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def draw(*args: Any, **options: Any) -> Any:
            drawn = getattr(self._scanner, name)(*args, **options)
            return getattr(self._speckle, name)(*args, **options) if isinstance(drawn, np.ndarray) else drawn

        return draw


def vary(image: np.ndarray, rng: np.random.Generator, size: int, *, turn: bool, zoomed: bool = True) -> np.ndarray:
    """Return a random view of `size` x `size` pixels of an 8-bit image, float32 in [0, 1].

    Half of the views are zoomed by 0.8 to 1.25, half are mirrored, and all are rotated by a multiple of 90 degrees if
    `turn` is set. Small images are padded by reflection.
    """
    from scipy.ndimage import zoom

    scale = float(rng.uniform(0.8, 1.25)) if zoomed and rng.random() < 0.5 else 1.0
    extent = round(size / scale)
    short = [max(0, extent - n) for n in image.shape]
    if any(short):
        image = np.pad(image, [(n // 2, n - n // 2) for n in short], mode="symmetric")
    top, left = (int(rng.integers(n - extent + 1)) for n in image.shape)
    view = image[top : top + extent, left : left + extent].astype(np.float32) / 255
    if extent != size:
        view = np.clip(zoom(view, size / extent, order=1), 0, 1)
    if rng.random() < 0.5:
        view = view[:, ::-1]
    if turn:
        view = np.rot90(view, int(rng.integers(4)))
    return np.ascontiguousarray(view, dtype=np.float32)
