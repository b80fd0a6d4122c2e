"""Lee's filter for multiplicative noise."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.method import MethodCard, PlaneMethod

from .window import OddSize

RAYLEIGH_CV = 0.5227  # sqrt(4 / pi - 1): deviation over mean of a Rayleigh envelope


@dataclass(frozen=True)
class Lee(PlaneMethod):
    r"""The local linear minimum mean square error estimate under multiplicative noise of mean 1.

    .. math:: y = m + k (x - m), \quad k = \max\left(0, \frac{s^2 - C_u^2 m^2}{s^2 (1 + C_u^2)}\right)

    with :math:`m, s^2` the mean and variance of the square window around the pixel. The signal's variance is
    :math:`(s^2 - C_u^2 m^2) / (1 + C_u^2)`; :math:`k` is its share in :math:`s^2`.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd; 5 or 7 are in use.
    cu
        Coefficient of variation :math:`C_u` of the speckle; 0.5227 for a Rayleigh envelope.

    References
    ----------
    Lee, "Digital image enhancement and noise filtering by use of local statistics", IEEE Trans. PAMI 2(2):165-168,
    1980; the exact multiplicative form is that of Kuan et al., IEEE Trans. PAMI 7(2):165-177, 1985, equation (20).
    """

    name = "lee"
    card = MethodCard(
        title="Lee filter",
        family="local statistics",
        citation="Lee, IEEE Trans. PAMI 2(2):165-168, 1980",
        doi="10.1109/TPAMI.1980.4766994",
        domain="envelope",
    )

    size: OddSize = 7
    cu: Annotated[float, Field(gt=0, le=2)] = RAYLEIGH_CV

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Filter one envelope image."""
        from scipy.ndimage import uniform_filter

        envelope = image.astype(np.float64)
        mean = uniform_filter(envelope, self.size, mode="reflect")
        variance = np.maximum(uniform_filter(envelope**2, self.size, mode="reflect") - mean**2, 0)
        signal = (variance - (self.cu * mean) ** 2) / (1 + self.cu**2)
        gain = np.divide(signal, variance, out=np.zeros_like(variance), where=variance > 1e-14)
        return mean + np.clip(gain, 0, 1) * (envelope - mean)
