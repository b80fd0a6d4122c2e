"""Training pairs of `gan-d`, each with and without inserted lesions under the same speckle."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from usbench.core.rng import generator
from usbench.core.simulator import Simulated, Simulator
from usbench.training.contracts import Pair

from .bmode_frames import BmodeFrames
from .pairs import ImagePool, OtherSpeckle
from .scanner import MARGIN, Scanner
from .tissue import echogenicity, lesions, view

SCANNER, PAINTED, RAYLEIGH, REAL, SPECKLE_FREE = "scanner", "gan-s", "rayleigh", "real", "none"
# The paper's two, physics, real frames, and images that are to come back as they are.
CLASSES = 6 * (SCANNER,) + 4 * (PAINTED,) + 2 * (RAYLEIGH,) + 3 * (REAL,) + (SPECKLE_FREE,)
ON_FRAMES = 0.5  # share of the painted images that are despeckled B-mode; the others are MRI
MANY_LOOKS = (20, 80)  # speckle of so many looks is hardly visible
INSERTED_RANGE = (40.0, 70.0)  # dB; of displays into which lesions are put as grey offsets


def class_of(index: int) -> str:
    """Return the class of pair number `index`."""
    return CLASSES[int(generator("gan-d class", index).integers(len(CLASSES)))]


@dataclass
class LesionPairs:
    """Pairs (speckled, reference), each twice: without lesions, and with lesions under the same speckle.

    The classes are the paper's two (`S` over MRI and over B-mode frames from which the speckle has been removed,
    Rayleigh noise over natural images), a random scanner over drawn tissue, MRI and natural images (see `Scanner`),
    real B-mode, and images without speckle or with hardly any, some of few bits, which teach the network to leave them
    alone. References are expected displays; that of a real frame, which has none, is the frame smoothed by filters
    where they find no structure (see `Frame`).

    Parameters
    ----------
    mri, natural
        Clean pictures.
    size
        Height and width of a pair in pixels.
    painter, rayleigh
        The simulators of the paper's classes; without a painter its share goes to the scanner.
    frames
        Real B-mode; without any, `S` paints on MRI alone, and the share of real frames goes to the scanner.
    """

    mri: ImagePool
    natural: ImagePool
    size: int
    painter: Simulator | None
    rayleigh: Simulator
    frames: BmodeFrames | None = None

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`: (2, H, W) speckled without and with lesions, and (2, H, W) references."""
        images, references = (np.stack(planes) for planes in zip(*self.shown(index), strict=True))
        return np.ascontiguousarray(images, np.float32), np.ascontiguousarray(references, np.float32)

    def shown(self, index: int, speckle: np.random.Generator | None = None) -> list[Pair]:
        """Return pair number `index` without and with lesions, (H, W) each.

        With `speckle`, a second look of the same scanner at the same scene; a real frame has one look only.
        """
        kind = class_of(index)
        rng = generator("gan-d", index)
        speckle = speckle or generator("gan-d speckle", index)
        if kind == RAYLEIGH:
            shown = self._under_rayleigh(rng, speckle)
        elif kind == PAINTED and self.painter is not None:
            shown = self._painted(rng, speckle, self.painter)
        elif kind == REAL and self.frames is not None:
            shown = self._real(rng, self.frames)
        elif kind == SPECKLE_FREE:
            shown = self._speckle_free(rng, speckle)
        else:
            shown = self._scanned(rng, speckle)
        return [(image[:, ::-1], reference[:, ::-1]) for image, reference in shown] if rng.random() < 0.5 else shown

    def _scanned(self, rng: np.random.Generator, speckle: np.random.Generator, looks: int | None = None) -> list[Pair]:
        size = self.size + 2 * MARGIN
        tissue = echogenicity(rng, size, self.mri, self.natural)
        changed = tissue + lesions(rng, size, MARGIN)
        return Scanner.drawn(rng, looks).show([tissue, changed], speckle)

    def _under_rayleigh(self, rng: np.random.Generator, speckle: np.random.Generator) -> list[Pair]:
        clean = view(rng, self.size, self.natural)
        changed = np.clip(clean + self._offset(rng), 0, 1)
        return _simulated(self.rayleigh, [clean, changed], speckle)

    def _painted(self, rng: np.random.Generator, speckle: np.random.Generator, painter: Simulator) -> list[Pair]:
        clean, offset = self._painted_on(rng).astype(np.float32), self._offset(rng)
        draws: Any = OtherSpeckle(rng, speckle)
        made = painter.simulate(clean, draws)
        changed = [np.clip(plane + offset, 0, 1) for plane in (made.image, made.reference)]
        return [(made.image, made.reference), (changed[0], changed[1])]

    def _painted_on(self, rng: np.random.Generator) -> np.ndarray:
        if self.frames is None or rng.random() >= ON_FRAMES:
            return view(rng, self.size, self.mri)
        frame = self.frames.draw(rng)
        despeckled = frame.versions[int(rng.integers(1, len(frame.versions)))]
        return view(rng, self.size, [despeckled], turned=False)

    def _real(self, rng: np.random.Generator, frames: BmodeFrames) -> list[Pair]:
        frame = frames.draw(rng)
        both = view(rng, self.size, [np.stack([frame.versions[0], 255 * frame.reference], -1)], turned=False)
        changed = np.clip(both + self._offset(rng)[..., None], 0, 1)
        return [(shown[..., 0], shown[..., 1]) for shown in (both, changed)]

    def _speckle_free(self, rng: np.random.Generator, speckle: np.random.Generator) -> list[Pair]:
        if rng.random() < 0.4:
            return self._scanned(rng, speckle, round(np.exp(rng.uniform(*np.log(MANY_LOOKS)))))
        size = self.size + 2 * MARGIN
        inner = (slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
        tissue = echogenicity(rng, size, self.mri, self.natural, drawn=0.3)[inner]
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
        simulated = self.simulated(index)
        return simulated.image, simulated.reference

    def simulated(self, index: int, speckle: np.random.Generator | None = None) -> Simulated:
        """Return pair number `index`; with `speckle`, a second look of the same scanner at the same scene."""
        image, reference = self.pairs.shown(index, speckle)[0]
        return Simulated(np.ascontiguousarray(image, np.float32), np.ascontiguousarray(reference, np.float32))

    def has_clean(self, index: int) -> bool:
        """Return whether the second half is a clean image; that of a real frame is the frame despeckled by filters."""
        return self.pairs.frames is None or class_of(index) != REAL


def _simulated(simulator: Simulator, cleans: Sequence[np.ndarray], rng: np.random.Generator) -> list[Pair]:
    """Return each clean image under the same noise, with its reference."""
    seed = int(rng.integers(2**32))
    made = [simulator.simulate(clean.astype(np.float32), np.random.default_rng(seed)) for clean in cleans]
    return [(one.image, one.reference) for one in made]
