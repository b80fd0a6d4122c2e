"""BM3D on the logarithm of the envelope."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard, PlaneMethod
from usbench.core.search_space import Real, over

from .bm3d import Bm3d

DARKEST = 1e-4  # envelope; 80 dB below the brightest
LOG_RAYLEIGH_DEVIATION = 0.6413  # pi / sqrt(24), of the natural logarithm of a Rayleigh envelope


@dataclass(frozen=True)
class Bm3dHomomorphic(PlaneMethod):
    r"""BM3D of :math:`\log x` and back: :math:`y = \exp(\operatorname{BM3D}(\log x))`.

    The logarithm makes multiplicative speckle additive, with the same variance everywhere. The result is the geometric
    mean, which is 1.5 dB below the mean of a Rayleigh envelope. This is not corrected, so that an image without speckle
    is not changed.

    Parameters
    ----------
    sigma
        Standard deviation of the logarithm of the speckle; :math:`\pi / \sqrt{24} = 0.6413` for a Rayleigh envelope.

    References
    ----------
    Dabov, Foi, Katkovnik, Egiazarian, IEEE Trans. Image Process. 16(8):2080-2095, 2007; logarithm first: Santos et al.,
    "Ultrasound image despeckling using stochastic distance-based BM3D", Sensors 17(4):783, 2017, compares both.
    """

    name = "bm3d-homomorphic"
    card = MethodCard(
        title="Homomorphic BM3D",
        family="patches",
        citation="Dabov, Foi, Katkovnik, Egiazarian, IEEE Trans. Image Process. 16(8):2080-2095, 2007",
        doi="10.1109/TIP.2007.901238",
        licence="the bm3d package is free for non-commercial use only",
        domain="envelope",
        default_from={"sigma": "model"},
    )
    space = over(sigma=Real(0.1, 2, log=True))

    sigma: Annotated[float, Field(gt=0, le=3)] = LOG_RAYLEIGH_DEVIATION

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Denoise one envelope image; the logarithm is scaled to [0, 1], the range of `bm3d`."""
        scale = -np.log(DARKEST)
        display = 1 + np.log(np.maximum(image, DARKEST)) / scale
        cleaned = Bm3d(sigma=min(1.0, self.sigma / scale)).despeckle_plane(display)
        return np.exp((cleaned - 1) * scale)
