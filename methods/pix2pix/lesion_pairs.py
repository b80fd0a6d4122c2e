"""Training pairs of `gan-d`, each with and without inserted lesions under the same speckle."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from usbench.core.rng import generator
from usbench.core.simulator import Simulator
from usbench.training.contracts import Pair

from .pairs import ImagePool
from .scanner import MARGIN, Scanner
from .tissue import echogenicity, lesions, view

SCANNER, PAINTED, RAYLEIGH, SPECKLE_FREE = "scanner", "gan-s", "rayleigh", "none"
# The classes in turn: the paper's two, physics, and images that are to come back as they are.
CLASSES = (
    SCANNER, PAINTED, SCANNER, RAYLEIGH, SCANNER, PAINTED, SCANNER, SCANNER, PAINTED, RAYLEIGH, SCANNER, SPECKLE_FREE,
)  # fmt: skip
MANY_LOOKS = (24, 200)  # speckle of so many looks is hardly visible
INSERTED_RANGE = (40.0, 70.0)  # dB; of displays into which lesions are put as grey offsets


@dataclass
class LesionPairs:
    """Pairs (speckled, reference), each twice: without lesions, and with lesions under the same speckle.

    References are expected displays. The classes are the paper's two (`S` over MRI, Rayleigh noise over natural
    images), a random scanner over drawn tissue, MRI and natural images (see `Scanner`), and images without speckle or
    with hardly any, some of few bits, which teach the network to leave them alone.

    Parameters
    ----------
    mri, natural
        Clean pictures.
    size
        Height and width of a pair in pixels.
    painter, rayleigh
        The simulators of the paper's classes; without a painter its share goes to the scanner.
    """

    mri: ImagePool
    natural: ImagePool
    size: int
    painter: Simulator | None
    rayleigh: Simulator

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`: (2, H, W) speckled without and with lesions, and (2, H, W) references."""
        kind = CLASSES[index % len(CLASSES)]
        rng = generator("gan-d", index)
        if kind == RAYLEIGH:
            shown = self._under_rayleigh(rng)
        elif kind == PAINTED and self.painter is not None:
            shown = self._painted(rng, self.painter)
        elif kind == SPECKLE_FREE:
            shown = self._speckle_free(rng)
        else:
            shown = self._scanned(rng)
        images, references = (np.stack(planes) for planes in zip(*shown, strict=True))
        return _mirrored(images, references, rng)

    def _scanned(self, rng: np.random.Generator, looks: int | None = None) -> list[Pair]:
        size = self.size + 2 * MARGIN
        tissue = echogenicity(rng, size, self.mri, self.natural)
        changed = tissue + lesions(rng, size, MARGIN)
        return Scanner.drawn(rng, looks).show([tissue, changed], rng)

    def _under_rayleigh(self, rng: np.random.Generator) -> list[Pair]:
        clean = view(rng, self.size, self.natural)
        changed = np.clip(clean + self._offset(rng), 0, 1)
        return _simulated(self.rayleigh, [clean, changed], rng)

    def _painted(self, rng: np.random.Generator, painter: Simulator) -> list[Pair]:
        made = painter.simulate(view(rng, self.size, self.mri).astype(np.float32), rng)
        offset = self._offset(rng)
        changed = [np.clip(plane + offset, 0, 1) for plane in (made.image, made.reference)]
        return [(made.image, made.reference), (changed[0], changed[1])]

    def _speckle_free(self, rng: np.random.Generator) -> list[Pair]:
        if rng.random() < 0.4:
            return self._scanned(rng, round(np.exp(rng.uniform(*np.log(MANY_LOOKS)))))
        size = self.size + 2 * MARGIN
        inner = (slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
        tissue = echogenicity(rng, size, self.mri, self.natural)[inner]
        changed = tissue + lesions(rng, size, MARGIN)[inner]
        steps = 2 ** int(rng.integers(3, 9)) - 1
        range_db, middle = rng.uniform(*INSERTED_RANGE), rng.uniform(0.25, 0.7)
        shown = [np.round(np.clip(middle + plane / range_db, 0, 1) * steps) / steps for plane in (tissue, changed)]
        return [(plane, plane) for plane in shown]

    def _offset(self, rng: np.random.Generator) -> np.ndarray:
        """Return lesions as grey offsets."""
        size = self.size + 2 * MARGIN
        return lesions(rng, size, MARGIN)[MARGIN:-MARGIN, MARGIN:-MARGIN] / rng.uniform(*INSERTED_RANGE)


@dataclass
class WithoutLesions:
    """The first halves of `LesionPairs`: (speckled, reference)."""

    pairs: LesionPairs

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`, both (H, W) float32."""
        images, references = self.pairs(index)
        return images[0], references[0]


def _simulated(simulator: Simulator, cleans: Sequence[np.ndarray], rng: np.random.Generator) -> list[Pair]:
    """Return each clean image under the same noise, with its reference."""
    seed = int(rng.integers(2**32))
    made = [simulator.simulate(clean.astype(np.float32), np.random.default_rng(seed)) for clean in cleans]
    return [(one.image, one.reference) for one in made]


def _mirrored(images: np.ndarray, references: np.ndarray, rng: np.random.Generator) -> Pair:
    """Return both float32, half of them mirrored left to right."""
    if rng.random() < 0.5:
        images, references = images[..., ::-1], references[..., ::-1]
    return np.ascontiguousarray(images, np.float32), np.ascontiguousarray(references, np.float32)
