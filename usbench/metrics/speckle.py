"""Speckle statistics in homogeneous regions; never over a whole image."""

import numpy as np

from usbench.metric import Metric


def ssnr(estimate: np.ndarray, roi: np.ndarray) -> float:
    """Return the speckle signal-to-noise ratio, mean over standard deviation, of a homogeneous region.

    1.914 for a Rayleigh envelope. A flat region gives infinity, a black one 0.

    Parameters
    ----------
    estimate
        (H, W), not negative.
    roi
        Boolean mask.
    """
    values = estimate[roi]
    mean, deviation = float(values.mean()), float(values.std())
    if deviation == 0:
        return float("inf") if mean > 0 else 0.0
    return mean / deviation


def enl(estimate: np.ndarray, roi: np.ndarray) -> float:
    """Return the equivalent number of looks, (mean / standard deviation)^2, of a homogeneous region.

    3.66 for a Rayleigh envelope, 1.00 for its intensity.
    """
    return ssnr(estimate, roi) ** 2


def ssi(estimate: np.ndarray, image: np.ndarray, roi: np.ndarray) -> float:
    r"""Return the speckle suppression index :math:`(s_y / m_y) / (s_n / m_n)` of a homogeneous region.

    Below 1 if the estimate has less relative speckle than the input. NaN if the input's region has none, or is black.

    Parameters
    ----------
    estimate, image
        (H, W): the despeckled image and the input.
    roi
        Boolean mask.
    """
    before, after = ssnr(image, roi), ssnr(estimate, roi)
    if not np.isfinite(before) or before == 0:
        return float("nan")
    return float("inf") if after == 0 else before / after


SSNR = Metric(
    name="ssnr",
    title="Speckle signal-to-noise ratio",
    function=ssnr,
    needs=("homogeneous",),
    better="higher",
    unit="",
    spec="m / s in homogeneous ROIs, population deviation, on the display image",
)
ENL = Metric(
    name="enl",
    title="Equivalent number of looks",
    function=enl,
    needs=("homogeneous",),
    better="higher",
    unit="",
    spec="(m / s)^2 in homogeneous ROIs, population deviation, on the display image",
)
SSI = Metric(
    name="ssi",
    title="Speckle suppression index",
    function=ssi,
    needs=("input", "homogeneous"),
    better="lower",
    unit="",
    spec="(s_y / m_y) / (s_n / m_n) in homogeneous ROIs, on the display image",
)
