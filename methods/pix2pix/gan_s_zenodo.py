"""`S` with the weights published by its authors."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from usbench.core.errors import PluginError
from usbench.core.simulator import Simulated, Simulator, SimulatorCard
from usbench.weights.user import user_index

from .lrr import low_radiometric_resolution
from .paper import CITATION, DOI
from .published import PublishedWeights
from .quantise import to_16_bits

SMOOTHING = 5.0  # pixels; of a simulated and a clean image before their grey scales are compared
FLAT = 1e-8  # variance of an image without contrast


@dataclass(frozen=True)
class GanSZenodo(PublishedWeights, Simulator):
    """The published generator of `S`, applied to the low-radiometric-resolution image as in the authors' demo.

    Batch norm uses the statistics of the image itself. The only randomness is that of dropout, which is drawn with the
    sample's random generator. The reference is the clean image on the grey scale of the simulated one:
    the mean over draws of the dropout would keep most of the speckle.
    The weights are not shipped: `usbench weights add gan-s-zenodo USGAN_pix2pix_weights.tar.gz`.

    Parameters
    ----------
    dropout
        Whether half of the features of the three inner levels are dropped, as in the demo. Without it the result does
        not depend on the random generator.
    resize
        As in `gan-d-zenodo`.

    References
    ----------
    Vieira, Raposo, Azeitona, Afonso, Pedro, Sanches, IEEE Access 12:45811-45823, 2024; weights: Zenodo 13788016.
    """

    name: ClassVar[str] = "gan-s-zenodo"
    card = SimulatorCard(
        title="GAN simulator S, the authors' weights",
        speckle="The clean image, min-max scaled, quantised to 8 levels and median filtered twice, goes through the "
        "published U-Net-256 with batch norm on the image's own statistics and dropout on; the output is in [0, 1].",
        citation=CITATION,
        doi=DOI,
        licence="weights: as stated in Zenodo record 13788016; code: Apache-2.0",
    )

    dropout: bool = True
    resize: bool = False

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Return the simulated ultrasound, with dropout drawn from `rng`."""
        import torch

        from .per_image_norm import cpu_demo_generator, translate_alone

        if reason := self.unavailable():
            raise PluginError(reason)
        network = cpu_demo_generator(user_index(self.name), self.weights_hash())
        seed = int(rng.integers(2**31)) if self.dropout else None
        coarse = torch.from_numpy(low_radiometric_resolution(clean))[None, None]
        image = translate_alone(network, coarse, seed, self.resize)[0, 0].numpy()
        return Simulated(image, on_grey_scale_of(image, clean))


def on_grey_scale_of(image: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Return the clean image with the gain and offset that fit it best to the simulated image, both smoothed.

    `S` changes the grey scale, as a scanner does. Despeckling is not meant to undo that.
    """
    from scipy.ndimage import gaussian_filter

    made, true = (gaussian_filter(plane.astype(np.float64), SMOOTHING) for plane in (image, clean))
    centred = true - true.mean()
    variance = float(np.mean(centred**2))
    gain = max(0.0, float(np.mean(centred * made)) / variance) if variance > FLAT else 0.0
    return to_16_bits(np.clip(made.mean() + gain * (clean - true.mean()), 0, 1))
