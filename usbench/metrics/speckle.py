"""Speckle statistics in homogeneous regions; never over a whole image."""

from functools import lru_cache

import numpy as np

from usbench.bmode import log_expand
from usbench.metric import Metric

KS_STEP, KS_LEAST, KS_LEVEL = 5, 8, 0.05


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


def smpi(estimate: np.ndarray, image: np.ndarray, roi: np.ndarray) -> float:
    r"""Return the speckle suppression and mean preservation index :math:`(1 + |m_n - m_y|) s_y / s_n`.

    It depends on the scale of grey: images are in [0, 1], so that the first factor lies between 1 and 2. NaN if the
    input's region has no speckle.

    References
    ----------
    Shamsoddini, Trinder, "Image texture preservation in speckle noise suppression", ISPRS TC VII, 2010.
    """
    before = float(image[roi].std())
    shift = abs(float(image[roi].mean()) - float(estimate[roi].mean()))
    return (1 + shift) * float(estimate[roi].std()) / before if before > 0 else float("nan")


def rayleigh_ks(estimate: np.ndarray, roi: np.ndarray, dynamic_range_db: float) -> float:
    """Return 1 if the envelope of a homogeneous region passes for Rayleigh distributed, else 0.

    A Kolmogorov-Smirnov test at a level of 0.05, as PICMUS does it: on every fifth sample of each axis, which are far
    enough apart to be independent, against the Rayleigh distribution of the same mean square. Speckle passes; what has
    been despeckled should not. NaN if fewer than eight samples are left.

    References
    ----------
    Liebgott, Rodriguez-Molares, Cervenansky, Jensen, Bernard, "Plane-wave imaging challenge in medical ultrasound", IUS
    2016.
    """
    sampled = np.zeros_like(roi)
    sampled[::KS_STEP, ::KS_STEP] = roi[::KS_STEP, ::KS_STEP]
    envelope = log_expand(estimate[sampled], dynamic_range_db)
    if envelope.size < KS_LEAST:
        return float("nan")
    expected = 1 - np.exp(-(np.sort(envelope) ** 2) / np.mean(envelope**2))
    steps = np.arange(envelope.size + 1) / envelope.size
    distance = max(float((steps[1:] - expected).max()), float((expected - steps[:-1]).max()))
    return float(distance <= _greatest_distance(envelope.size))


@lru_cache(maxsize=4096)
def _greatest_distance(samples: int) -> float:
    """Return the Kolmogorov-Smirnov distance that samples of the very distribution exceed once in 20 times."""
    from scipy.stats import kstwo

    return float(kstwo.isf(KS_LEVEL, samples))


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
SMPI = Metric(
    name="smpi",
    title="Speckle suppression and mean preservation index",
    function=smpi,
    needs=("input", "homogeneous"),
    better="lower",
    unit="",
    spec="(1 + |m_n - m_y|) s_y / s_n in homogeneous ROIs, on the display image in [0, 1]",
)
RAYLEIGH_KS = Metric(
    name="rayleigh_ks",
    title="Share of regions that pass for Rayleigh speckle",
    function=rayleigh_ks,
    needs=("homogeneous", "dynamic_range"),
    better="lower",
    unit="",
    spec="KS test, every 5th sample per axis of the expanded envelope, Rayleigh of the same mean square, alpha 0.05",
)
