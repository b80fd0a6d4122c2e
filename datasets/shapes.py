"""Random overlapping shapes: the clean images of the RECPAD protocol."""

from dataclasses import dataclass

import numpy as np

from usbench.core.dataset import Count, Dataset, DatasetCard, Split
from usbench.core.rng import generator
from usbench.core.sample import Sample

DARKEST = 5  # of 255; the protocol raises black, so that the Rayleigh parameter is never 0


@dataclass(frozen=True)
class Shapes(Dataset):
    """128 to 256 random grey shapes of 10 to 50 pixels on black, 256 x 256.

    Parameters
    ----------
    count
        Number of images in the split. The protocol trains on 2048 and validates on 512.

    References
    ----------
    Raposo, Azeitona, Afonso, Sanches, "Ultrasound denoising using the pix2pix GAN", RECPAD 2021, pp. 91-92.
    """

    name = "shapes"
    card = DatasetCard(
        title="Random shapes (RECPAD 2021)",
        kind="clean",
        anatomy="picture",
        description="128-256 random overlapping shapes of 10-50 pixels, grey inverted, at least 5/255.",
        splits="generated; the split's name is part of the seed",
        licence="generated",
        citation="Raposo, Azeitona, Afonso, Sanches, RECPAD 2021, pp. 91-92",
    )

    split: Split = "test"
    count: Count = 512

    def ids(self) -> list[str]:
        """Return `test-0000` and so on."""
        return [f"{self.split}-{index:04d}" for index in range(self.count)]

    def load(self, index: int) -> Sample:
        """Draw image number `index`."""
        sample_id = self.ids()[index]
        clean = draw_shapes(generator(self.name, self.version, sample_id))
        return Sample(id=sample_id, image=clean, reference=clean)


def draw_shapes(rng: np.random.Generator, size: int = 256) -> np.ndarray:
    """Return one image of the RECPAD generator, float32 in [5/255, 1], (size, size)."""
    from skimage.draw import random_shapes

    drawn, _ = random_shapes(
        (size, size),
        min_shapes=128,
        max_shapes=256,
        min_size=10,
        max_size=50,
        allow_overlap=True,
        num_channels=1,
        rng=rng,
    )
    inverted = 255 - drawn[..., 0].astype(np.int32)
    return (np.maximum(inverted, DARKEST) / 255).astype(np.float32)
