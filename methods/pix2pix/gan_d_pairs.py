"""The training pairs that `gan-d` and the deep baselines have in common."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from usbench import registry

from .bmode_frames import BmodeFrames, is_held_out
from .lesion_pairs import LesionPairs
from .pairs import ImagePool

PRODUCTS = ("tissue+scanner", "mri+scanner", "natural+scanner", "mri+gan-s", "natural+rayleigh")
ON_BMODE = ("bmode+gan-s", "bmode")
DRAWINGS = 4  # of `S`, for the reference of a pair
OWN_IMAGES = {"mri": {"template": 17, "redrawn": 150}, "natural": {}}  # of the suite's sources


def gan_d_pairs(files: Mapping[str, Sequence[Path]], size: int, held_out: bool) -> LesionPairs:
    """Return the pairs of training images, or of those that are held out: one person in five of MRI and B-mode."""
    split = "val" if held_out else "train"
    mri, bmode = ([file for file in files.get(kind, ()) if is_held_out(file) == held_out] for kind in ("mri", "bmode"))
    natural = [] if held_out else files.get("natural", ())
    own = {
        kind: registry.load_dataset(kind, split=split, **({} if held_out else options))
        for kind, options in OWN_IMAGES.items()
    }
    return LesionPairs(
        mri=ImagePool(mri, [own["mri"]]),
        natural=ImagePool(natural, [own["natural"]]),
        size=size,
        painter=registry.load_simulator("gan-s", levels=256, drawings=DRAWINGS, exact=False),
        rayleigh=registry.load_simulator("rayleigh"),
        frames=BmodeFrames.of_files(bmode) if bmode else None,
    )


def products(pairs: LesionPairs) -> list[str]:
    """Return the classes of pairs as `source+simulator`, or `source` of real frames."""
    return [*PRODUCTS, *(ON_BMODE if pairs.frames else ())]


def pictures(pairs: LesionPairs) -> Iterator[tuple[str, np.ndarray]]:
    """Yield name and image, in [0, 1], of every picture that pairs are made of."""
    for kind, pool in (("mri", pairs.mri), ("natural", pairs.natural)):
        for number, name in enumerate(pool.names()):
            yield f"{kind}/{name}", pool[number].astype(np.float32) / 255
    for name, image in pairs.frames.images() if pairs.frames else ():
        yield f"bmode/{name}", image.astype(np.float32) / 255
