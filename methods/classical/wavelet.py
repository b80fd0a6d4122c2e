"""Wavelet shrinkage, through scikit-image."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard, PlaneMethod
from usbench.core.search_space import Choice, Real, Whole, over

SMALLEST = 32  # pixels; smaller images are padded to this size, because the transform needs some levels


@dataclass(frozen=True)
class Wavelet(PlaneMethod):
    r"""Soft thresholding of orthogonal wavelet coefficients with a threshold per sub-band.

    BayesShrink: :math:`T = \sigma^2 / \sigma_x` with :math:`\sigma_x^2 = \max(s^2 - \sigma^2, 0)` and :math:`s^2` the
    sub-band's variance. VisuShrink: :math:`T = \sigma \sqrt{2 \log n}`. Borders are mirrored.

    Parameters
    ----------
    wavelet
        A wavelet of PyWavelets.
    threshold
        `BayesShrink` or `VisuShrink`.
    levels
        Number of scales that are shrunk, limited by the size of the image.
    sigma
        Standard deviation of the noise, on a grey scale of 0 to 1; 0 uses the median estimate from the finest diagonal
        sub-band, which underestimates correlated speckle.

    References
    ----------
    Chang, Yu, Vetterli, "Adaptive wavelet thresholding for image denoising and compression", IEEE Trans. Image Process.
    9(9):1532-1546, 2000.
    """

    name = "wavelet"
    card = MethodCard(
        title="Wavelet shrinkage (BayesShrink)",
        family="wavelet",
        citation="Chang, Yu, Vetterli, IEEE Trans. Image Process. 9(9):1532-1546, 2000",
        doi="10.1109/83.862633",
        default_from={"wavelet": "ours", "threshold": "ours", "levels": "ours", "sigma": "ours"},
    )
    space = over(
        sigma=Real(0.02, 0.6, log=True),
        levels=Whole(1, 6),
        threshold=Choice(("BayesShrink", "VisuShrink")),
    )

    wavelet: Literal["haar", "db2", "db4", "sym4", "sym8", "bior2.2", "bior4.4"] = "sym8"
    threshold: Literal["BayesShrink", "VisuShrink"] = "BayesShrink"
    levels: Annotated[int, Field(ge=1, le=8)] = 4
    sigma: Annotated[float, Field(ge=0, le=1)] = 0.0

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Denoise one display image."""
        import pywt
        from skimage.restoration import denoise_wavelet, estimate_sigma

        if image.min() == image.max():
            return image
        margins = [(0, max(0, SMALLEST - extent)) for extent in image.shape]
        padded = np.pad(image, margins, mode="symmetric")
        sigma = self.sigma or float(estimate_sigma(padded))
        if sigma == 0:
            return image
        levels = min(self.levels, pywt.dwtn_max_level(padded.shape, self.wavelet))
        options = {"wavelet": self.wavelet, "method": self.threshold, "mode": "soft", "rescale_sigma": False}
        cleaned = denoise_wavelet(padded, sigma=sigma, wavelet_levels=levels, **options)
        return cleaned[: image.shape[0], : image.shape[1]]
