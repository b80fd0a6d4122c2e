"""Wavelet shrinkage by a generalised likelihood ratio."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard, PlaneMethod
from usbench.core.search_space import Real, Whole, over

from .window import OddSize

BINS = 40
LOG_BOUND = 30.0  # logarithms of ratios are clipped to this, to keep their exponential finite


@dataclass(frozen=True)
class Genlik(PlaneMethod):
    r"""Shrinkage of each coefficient of an undecimated wavelet transform by the odds that it contains signal.

    .. math:: \hat w = \frac{r\, \xi(|w|)\, \eta(e)}{1 + r\, \xi(|w|)\, \eta(e)} w

    A first mask contains the coefficients with :math:`w\, w' > (K \sigma)^2`, where :math:`w'` is the coefficient of
    the next coarser scale at the same place and orientation, and :math:`\sigma` the standard deviation of the noise in
    the sub-band (median of :math:`|w|` over 0.6745). Histograms inside and outside the mask give the likelihood ratio
    :math:`\xi` of the magnitude and the ratio :math:`\eta` of the local activity :math:`e`, the mean magnitude of
    :math:`w'` in a window. The logarithms of both are fitted by a straight line. :math:`r` is the fraction of
    coefficients inside the mask over that outside. The coarsest scale is used only as :math:`w'`. Borders are mirrored.
    The filter is applied to the image and to the image rotated by 180 degrees, and the results are averaged: the
    wavelets are not symmetric, and shrinkage alone would shift structures.

    Parameters
    ----------
    levels
        Number of scales that are shrunk; 4 in the paper.
    threshold
        :math:`K`; 2 for white noise, more for correlated speckle.
    size
        Window of the activity in pixels, odd; 3 in the paper.
    wavelet
        A wavelet of PyWavelets, which does not have the paper's quadratic spline.

    References
    ----------
    Pizurica, Philips, Lemahieu, Acheroy, "A versatile wavelet domain noise filtration technique for medical imaging",
    IEEE Trans. Med. Imaging 22(3):323-331, 2003. The straight line is ours; the paper's fit is piecewise linear.
    """

    name = "genlik"
    card = MethodCard(
        title="Wavelet shrinkage by likelihood ratio (GenLik)",
        family="wavelet",
        citation="Pizurica, Philips, Lemahieu, Acheroy, IEEE Trans. Med. Imaging 22(3):323-331, 2003",
        doi="10.1109/TMI.2003.809588",
        note="Our reading: wavelet and straight-line fit are ours.",
        default_from={"levels": "paper", "threshold": "paper", "size": "paper", "wavelet": "ours"},
    )
    space = over(levels=Whole(2, 5), threshold=Real(0.5, 8, log=True), size=Whole(3, 7, step=2))

    levels: Annotated[int, Field(ge=1, le=6)] = 4
    threshold: Annotated[float, Field(gt=0, le=20)] = 2.0
    size: OddSize = 3
    wavelet: Literal["haar", "db2", "db4", "sym4", "sym8"] = "haar"

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Return the mean result of one display image and of the same rotated by 180 degrees."""
        turned = self.filtered(image[::-1, ::-1])[::-1, ::-1]
        return (self.filtered(image) + turned) / 2

    def filtered(self, image: np.ndarray) -> np.ndarray:
        """Filter one display image in its given orientation."""
        import pywt

        scales = self.levels + 1
        unit = 2**scales
        margin = unit  # and more at the end, to a multiple of the transform's unit
        margins = [(margin, margin + -extent % unit) for extent in image.shape]
        padded = np.pad(image.astype(np.float64), margins, mode="symmetric")
        bands = pywt.swt2(padded, self.wavelet, level=scales, trim_approx=True, norm=True)
        approximation, *details = bands
        cleaned = [details[0]]
        for coarse, fine in pairwise(details):
            cleaned.append(tuple(self.shrunk(band, above) for band, above in zip(fine, coarse, strict=True)))
        restored = pywt.iswt2([approximation, *cleaned], self.wavelet, norm=True)
        return restored[margin : margin + image.shape[0], margin : margin + image.shape[1]]

    def shrunk(self, band: np.ndarray, coarse: np.ndarray) -> np.ndarray:
        """Return a sub-band with each coefficient multiplied by its probability of being signal."""
        from scipy.ndimage import uniform_filter

        magnitude = np.abs(band)
        sigma = np.median(magnitude) / 0.6745
        mask = band * coarse > (self.threshold * sigma) ** 2
        share = mask.mean()
        if share in (0, 1):
            return band * share
        activity = uniform_filter(np.abs(coarse), self.size, mode="reflect")
        odds = np.log(share / (1 - share))
        odds = odds + log_ratio(magnitude, mask) + log_ratio(activity, mask)
        return band / (1 + np.exp(-np.clip(odds, -LOG_BOUND, LOG_BOUND)))


def log_ratio(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the log ratio of the densities of values inside and outside the mask, as a linear function of the values.

    The line is fitted to the bins in which both histograms have counts, weighted by the smaller count. With fewer than
    two such bins the ratio is 1.
    """
    edges = np.linspace(0, values.max(), BINS + 1)
    inside, outside = (np.histogram(values[part], edges)[0] for part in (mask, ~mask))
    both = (inside > 0) & (outside > 0)
    if both.sum() < 2:
        return np.zeros_like(values)
    middles = (edges[:-1] + edges[1:])[both] / 2
    ratio = np.log(inside[both] / mask.sum()) - np.log(outside[both] / (~mask).sum())
    slope, start = np.polyfit(middles, ratio, 1, w=np.sqrt(np.minimum(inside, outside)[both]))
    return start + slope * values
