"""The degradation chain of the RECPAD 2021 protocol."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.simulator import Simulated, Simulator, SimulatorCard


@dataclass(frozen=True)
class Recpad(Simulator):
    r"""Rayleigh noise, decimation, linear interpolation, and log compression with random gain and offset.

    On 0..255: :math:`y \sim` Rayleigh(:math:`\sigma = x`); every `decimation`-th pixel of each axis is kept and
    interpolated back linearly; :math:`z = a \log(y + 1) + b` with :math:`a \sim U[10, 50]`, :math:`b \sim U[-50, 50]`
    once per image, clipped to [0, 255]. The reference is the clean image itself, so undoing the grey map is part of the
    task: compare `psnr_affine` with `psnr`.

    Parameters
    ----------
    decimation
        Step per axis; 2 leaves a quarter of the pixels, as in the protocol.

    References
    ----------
    Raposo, Azeitona, Afonso, Sanches, "Ultrasound denoising using the pix2pix GAN", RECPAD 2021, pp. 91-92.
    """

    name = "recpad"
    card = SimulatorCard(
        title="RECPAD 2021 chain",
        speckle="On 0..255: y ~ Rayleigh(sigma = x); keep every 2nd pixel per axis, interpolate linearly; "
        "z = a log(y + 1) + b with a ~ U[10, 50], b ~ U[-50, 50] per image; clip to [0, 255].",
        citation="Raposo, Azeitona, Afonso, Sanches, RECPAD 2021, pp. 91-92",
    )

    decimation: Annotated[int, Field(ge=1, le=8)] = 2

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        """Run the chain on one image."""
        noisy = rng.rayleigh(np.maximum(clean, 0) * 255.0)
        kept = noisy[:: self.decimation, :: self.decimation]
        coarse = interpolate(kept, clean.shape, self.decimation)
        gain, offset = rng.uniform(10, 50), rng.uniform(-50, 50)
        compressed = gain * np.log(coarse + 1) + offset
        return Simulated((np.clip(compressed, 0, 255) / 255).astype(np.float32), clean)


def interpolate(kept: np.ndarray, shape: tuple[int, ...], step: int) -> np.ndarray:
    """Return samples at rows and columns 0, step, 2 step, ..., interpolated linearly to `shape`.

    Pixels beyond the last sample repeat it.
    """
    rows, columns = (np.arange(extent) / step for extent in shape)
    lines = np.stack([np.interp(rows, np.arange(kept.shape[0]), line) for line in kept.T], axis=1)
    return np.stack([np.interp(columns, np.arange(kept.shape[1]), line) for line in lines])
