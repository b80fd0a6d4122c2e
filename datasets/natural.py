"""Natural images: the pictures that ship with scikit-image."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.dataset import Dataset, DatasetCard, Split
from usbench.core.sample import Sample
from usbench.io.grey import BT_709, weighted_grey

SPLITS = {
    "train": ("chelsea", "brick", "grass", "gravel", "rocket", "hubble_deep_field", "immunohistochemistry", "retina"),
    "val": ("coffee", "cell"),
    "test": ("camera", "astronaut", "coins", "moon"),
}
HEIGHT_WIDTH = {
    "chelsea": (300, 451),
    "brick": (512, 512),
    "grass": (512, 512),
    "gravel": (512, 512),
    "rocket": (427, 640),
    "hubble_deep_field": (872, 1000),
    "immunohistochemistry": (512, 512),
    "retina": (1411, 1411),
    "coffee": (400, 600),
    "cell": (660, 550),
    "camera": (512, 512),
    "astronaut": (512, 512),
    "coins": (303, 384),
    "moon": (512, 512),
}


@dataclass(frozen=True)
class Natural(Dataset):
    """Non-overlapping grey tiles of scikit-image's photographs and micrographs.

    Parameters
    ----------
    size
        Height and width of a tile in pixels. Smaller pictures are left out.
    """

    name = "natural"
    version = "2"
    card = DatasetCard(
        title="Natural images (scikit-image)",
        kind="clean",
        anatomy="picture",
        description="Centred grid of square tiles of the pictures inside scikit-image's wheel, as ITU-R 709 luminance.",
        splits="by picture: test camera, astronaut, coins, moon; val coffee, cell; train eight others",
        licence="per picture as stated by scikit-image (mostly CC0 or public domain)",
        citation="van der Walt et al., scikit-image, PeerJ 2:e453, 2014",
        doi="10.7717/peerj.453",
    )

    split: Split = "test"
    size: Annotated[int, Field(ge=32, le=512)] = 256

    def ids(self) -> list[str]:
        """Return `camera-0-0` and so on: picture, tile row, tile column."""
        return [f"{picture}-{row}-{column}" for picture, row, column in self._tiles()]

    def load(self, index: int) -> Sample:
        """Cut tile number `index` out of its picture."""
        picture, row, column = self._tiles()[index]
        image = grey_picture(picture)
        top, left = ((extent % self.size) // 2 for extent in image.shape)
        top, left = top + row * self.size, left + column * self.size
        tile = image[top : top + self.size, left : left + self.size]
        return Sample(id=f"{picture}-{row}-{column}", image=tile, reference=tile, group=picture)

    def _tiles(self) -> list[tuple[str, int, int]]:
        tiles = []
        for picture in SPLITS[self.split]:
            height, width = HEIGHT_WIDTH[picture]
            tiles += [(picture, row, col) for row in range(height // self.size) for col in range(width // self.size)]
        return tiles


@cache
def grey_picture(name: str) -> np.ndarray:
    """Return one of scikit-image's pictures as read-only float32 luminance in [0, 1]."""
    import skimage.data

    picture = getattr(skimage.data, name)()
    grey = weighted_grey(picture, BT_709) if picture.ndim == 3 else picture
    grey = np.clip(grey / np.iinfo(picture.dtype).max, 0, 1).astype(np.float32)
    grey.setflags(write=False)
    return grey
