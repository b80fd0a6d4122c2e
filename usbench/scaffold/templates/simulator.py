"""My simulator: its speckle model and its paper."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

import usbench


@dataclass(frozen=True)
class MySimulator(usbench.Simulator):
    r"""Gaussian noise that grows with the root of the grey, :math:`n = x + \sqrt{x} g` with :math:`g \sim N(0, s)`.

    Replace the formula with yours. Every random number must come from `rng`, which the harness seeds for each image.

    Parameters
    ----------
    deviation
        Standard deviation s of the noise in white, as a fraction of the grey range.
    """

    name = "my_simulator"
    version = "1"  # raise it whenever any image changes
    card = usbench.SimulatorCard(
        title="My simulator",
        speckle="n = x + sqrt(x) * g with g ~ N(0, s), independent per pixel, then clipped to [0, 1]; grey is linear "
        "in the envelope.",
        citation="",
        licence="MIT",
    )

    deviation: Annotated[float, Field(gt=0, le=1)] = 0.2

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> usbench.Simulated:
        """Return the speckled image and the reference, which perfect despeckling would return: float32 in [0, 1]."""
        noisy = clean + np.sqrt(clean) * rng.normal(0, self.deviation, clean.shape)
        return usbench.Simulated(image=np.clip(noisy, 0, 1).astype(np.float32), reference=clean)
