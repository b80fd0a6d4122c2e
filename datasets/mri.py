"""MRI slices: the MNI152 template, and sharp slices synthesised from its tissue maps."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.dataset import Dataset, DatasetCard, Split
from usbench.core.errors import ImageError
from usbench.core.rng import generator
from usbench.core.sample import Sample
from usbench.ultrasound.expected_display import in_16_bits

from .drawing import smooth_field

SIZE = 256
BRAIN = "icbm152"  # all slices are of one brain: one group, which no test can be made on
# Axial slice numbers (1 mm apart), with gaps of three slices or more between splits.
SLICES = {
    "train": (*range(34, 85), *range(118, 149)),
    "val": tuple(range(88, 95)),
    "test": tuple(range(98, 115)),
}


@dataclass(frozen=True)
class Mri(Dataset):
    """Axial brain slices, 256 x 256: first those of the template, then slices re-drawn with random contrasts.

    A re-drawn slice is made from the template's grey- and white-matter maps: these are sharpened, each tissue (and the
    fluid in between) gets a random grey value, and the slice is deformed smoothly and multiplied by a weak smooth bias.
    It has sharp borders, unlike the average of 152 brains, and no noise.

    Parameters
    ----------
    template
        Number of template slices, evenly spaced over the split's range.
    redrawn
        Number of slices re-drawn from the tissue maps.

    References
    ----------
    Fonov et al., "Unbiased average age-appropriate brain templates", NeuroImage 47:S102, 2009 (ICBM 152, 2009a).
    """

    name = "mri"
    version = "2"
    card = DatasetCard(
        title="Brain MRI (MNI152, template and re-drawn slices)",
        kind="clean",
        anatomy="brain",
        description="Axial slices of the ICBM 152 2009a T1 template in nilearn's wheel, and slices re-drawn from its "
        "tissue maps with random contrast, smooth deformation and bias.",
        splits="by axial slice: train 34-84 and 118-148, val 88-94, test 98-114 (mm of the template grid)",
        licence="template: McConnell Brain Imaging Centre's permissive notice; re-drawn slices derive from it",
        citation="Fonov et al., NeuroImage 47:S102, 2009",
        doi="10.1016/S1053-8119(09)70884-5",
        groups="one: every slice is of the same average brain",
    )

    split: Split = "test"
    template: Annotated[int, Field(ge=0, le=17)] = 6
    redrawn: Annotated[int, Field(ge=0)] = 10

    def ids(self) -> list[str]:
        """Return `template-z098`, `redrawn-z105-0003` and so on."""
        return [name for name, _ in self._slices()]

    def load(self, index: int) -> Sample:
        """Return slice number `index`."""
        sample_id, z = self._slices()[index]
        if sample_id.startswith("template"):
            clean = centred(_volume("t1")[:, :, z])
        else:
            clean = redraw_slice(z, generator(self.name, self.version, self.split, sample_id))
        return Sample(id=sample_id, image=clean, reference=clean, group=BRAIN, spacing=(1.0, 1.0))

    def _slices(self) -> list[tuple[str, int]]:
        available = SLICES[self.split]
        chosen = np.linspace(0, len(available) - 1, min(self.template, len(available))).round().astype(int)
        slices = [(f"template-z{available[i]:03d}", available[i]) for i in chosen]
        order = generator(self.name, self.version, self.split, "order").permutation(len(available))
        for index in range(self.redrawn):
            z = available[order[index % len(available)]]
            slices.append((f"redrawn-z{z:03d}-{index:04d}", z))
        return slices


def redraw_slice(z: int, rng: np.random.Generator) -> np.ndarray:
    """Return a re-drawn axial slice at height `z` of the template, (256, 256) float32 in [0, 1], without noise."""
    rows, columns = deformed_grid(rng)
    grey, white, brain = (_sampled(_volume(tissue)[:, :, z], rows, columns) for tissue in ("gm", "wm", "t1"))
    fluid = np.clip(np.clip(brain * 4, 0, 1) - grey - white, 0, 1)
    sharpness = rng.uniform(2, 5)
    weights = np.stack([grey, white, fluid, np.full_like(grey, 0.12)]) ** sharpness
    weights /= weights.sum(axis=0)
    levels = np.array([*rng.uniform(0.1, 1.0, 3), rng.uniform(0.0, 0.05)])
    levels[1] = np.clip(levels[0] + rng.choice([-1, 1]) * rng.uniform(0.12, 0.5), 0.08, 1.0)
    drawn = np.tensordot(levels, weights, axes=1)
    return in_16_bits(np.clip(drawn * smooth_field(rng, (SIZE, SIZE), 3, 0.1, mean=1.0), 0, 1))


def deformed_grid(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return template coordinates (row, column) of 256 x 256 pixels under a random similarity and a smooth warp."""
    axis = np.arange(SIZE) - (SIZE - 1) / 2
    down, right = np.meshgrid(axis, axis, indexing="ij")
    angle, zoom = rng.uniform(-0.5, 0.5), rng.uniform(0.62, 1.0)
    mirror = rng.choice([-1.0, 1.0])
    rows = (np.cos(angle) * down - np.sin(angle) * right) * zoom + smooth_field(rng, (SIZE, SIZE), 5, 4.0)
    columns = mirror * (np.sin(angle) * down + np.cos(angle) * right) * zoom + smooth_field(rng, (SIZE, SIZE), 5, 4.0)
    height, width, _ = _volume("t1").shape
    return rows + (height - 1) / 2, columns + (width - 1) / 2


def centred(image: np.ndarray) -> np.ndarray:
    """Return a template slice in the middle of 256 x 256 zeros."""
    canvas = np.zeros((SIZE, SIZE), np.float32)
    top, left = ((SIZE - extent) // 2 for extent in image.shape)
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas


def _sampled(image: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    return map_coordinates(image.astype(np.float64), [rows, columns], order=1, mode="constant")


@cache
def _volume(tissue: str) -> np.ndarray:
    """Return a normalised volume of the template in nilearn's wheel, (row, column, axial), anterior side up."""
    from importlib.util import find_spec

    import nibabel

    spec = find_spec("nilearn")
    if spec is None or not spec.submodule_search_locations:
        raise ImageError("The mri source needs the nilearn package, whose wheel holds the MNI152 template.")
    name = f"mni_icbm152_{tissue}_tal_nlin_sym_09a_converted.nii.gz"
    path = Path(spec.submodule_search_locations[0]) / "datasets" / "data" / name
    if not path.is_file():
        raise ImageError(f"The installed nilearn does not hold the MNI152 file {name}.")
    stored = nibabel.load(path)
    values = np.asarray(stored.dataobj, dtype=np.float32)  # type: ignore[attr-defined]
    facing_up = values.transpose(1, 0, 2)[::-1]
    volume = np.ascontiguousarray(facing_up / facing_up.max())
    volume.setflags(write=False)
    return volume
