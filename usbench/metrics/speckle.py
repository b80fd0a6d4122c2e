"""Speckle statistics in homogeneous regions; never over a whole image."""

from functools import lru_cache

import numpy as np

from usbench.core.metric import Metric
from usbench.ultrasound.bmode import log_expand

KS_STEP, KS_LEAST, KS_LEVEL = 5, 8, 0.05


def ssnr(estimate: np.ndarray, roi: np.ndarray) -> float:
    r"""Return the speckle signal-to-noise ratio of a homogeneous region, on the display image.

    .. math:: \mathrm{SSNR} = \frac{m}{s}

    Parameters
    ----------
    estimate
        (H, W), not negative.
    roi
        Boolean mask.

    Returns
    -------
    float
        From 0, without bound; 1.914 for a Rayleigh envelope. A flat region gives infinity, a black one 0.

    Notes
    -----
    The textbooks' values hold for an envelope; on a log-compressed display the number depends on dynamic range and
    brightness, and adding grey raises it. Whoever smooths most wins. Over a whole image, or in a window chosen for its
    small variance, it means nothing.
    """
    values = estimate[roi]
    mean, deviation = float(values.mean()), _deviation(values)
    if deviation == 0:
        return float("inf") if mean > 0 else 0.0
    return mean / deviation


def enl(estimate: np.ndarray, roi: np.ndarray, dynamic_range_db: float | None = None) -> float:
    r"""Return the equivalent number of looks of a homogeneous region, of the envelope.

    .. math:: \mathrm{ENL} = \left(\frac{m}{s}\right)^2

    Returns
    -------
    float
        From 0, without bound; 3.66 for a Rayleigh envelope, 1.00 for its intensity.

    Notes
    -----
    A log-compressed display is expanded first: on the display any grey map would change it. A mean over images is
    governed by the few smoothest. It tells no method how much is enough: an image without any anatomy has an infinite
    one.
    """
    return ssnr(_envelope(estimate, roi, dynamic_range_db), _all(roi)) ** 2


def ssi(estimate: np.ndarray, image: np.ndarray, roi: np.ndarray, dynamic_range_db: float | None = None) -> float:
    r"""Return the speckle suppression index of a homogeneous region, of the envelope.

    .. math:: \mathrm{SSI} = \frac{s_y / m_y}{s_n / m_n}

    Parameters
    ----------
    estimate, image
        (H, W): the despeckled image and the input.
    roi
        Boolean mask.

    Returns
    -------
    float
        From 0, without bound; below 1 if the estimate has less relative speckle than the input. NaN if the input's
        region has none, or is black.

    Notes
    -----
    A method that brightens the image lowers it without taking speckle away: see `ratio_mean`. Whoever smooths most
    wins.
    """
    inside = _all(roi)
    before, after = (ssnr(_envelope(plane, roi, dynamic_range_db), inside) for plane in (image, estimate))
    if not np.isfinite(before) or before == 0:
        return float("nan")
    return float("inf") if after == 0 else before / after


def smpi(estimate: np.ndarray, image: np.ndarray, roi: np.ndarray, dynamic_range_db: float | None = None) -> float:
    r"""Return the speckle suppression and mean preservation index of a homogeneous region, of the envelope.

    .. math:: \mathrm{SMPI} = (1 + |m_n - m_y|) \frac{s_y}{s_n}

    Returns
    -------
    float
        From 0, without bound. NaN if the input's region has no speckle.

    Notes
    -----
    It depends on the scale: envelopes are in [0, 1], so that the first factor lies between 1 and 2, and a shift of
    brightness costs little. A constant image has the best value, so it orders no board.

    References
    ----------
    Shamsoddini, Trinder, "Image texture preservation in speckle noise suppression", ISPRS TC VII, 2010.
    """
    before, after = (_envelope(plane, roi, dynamic_range_db) for plane in (image, estimate))
    if not _deviation(before):
        return float("nan")
    shift = abs(float(before.mean()) - float(after.mean()))
    return (1 + shift) * _deviation(after) / _deviation(before)


def _deviation(values: np.ndarray) -> float:
    """Return the standard deviation; exactly 0 for equal values, whose mean may be rounded."""
    return float(values.std()) if np.ptp(values) else 0.0


def _envelope(image: np.ndarray, roi: np.ndarray, dynamic_range_db: float | None) -> np.ndarray:
    """Return the envelope in a region, (pixels,): the display expanded, or itself where grey is linear."""
    values = image[roi]
    return values if dynamic_range_db is None else log_expand(values, dynamic_range_db)


def _all(roi: np.ndarray) -> np.ndarray:
    return np.ones(int(roi.sum()), bool)


def rayleigh_ks(estimate: np.ndarray, roi: np.ndarray, dynamic_range_db: float) -> float:
    r"""Return 1 if the envelope of a homogeneous region passes for Rayleigh distributed, else 0.

    .. math:: \max_e \left|F(e) - \left(1 - \exp\left(-e^2 / \overline{e^2}\right)\right)\right| \le D_{0.05}

    A Kolmogorov-Smirnov test at a level of 0.05, as PICMUS does it: on every fifth sample of each axis, which are far
    enough apart to be independent, against the Rayleigh distribution of the same mean square; :math:`F` is the samples'
    own distribution, :math:`D_{0.05}` the distance that is exceeded once in 20 times.

    Returns
    -------
    float
        0 or 1; over regions and images, their share. NaN if fewer than eight samples are left.

    Notes
    -----
    Speckle passes; what has been despeckled should not. That something fails the test does not say that it was
    despeckled well. Small regions pass easily. It needs the dynamic range, and the scale of the Rayleigh distribution
    is fitted to the same samples, which makes the test lenient.

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
    version="2",
)
ENL = Metric(
    name="enl",
    title="Equivalent number of looks",
    function=enl,
    needs=("homogeneous", "linear_or_range"),
    better="higher",
    unit="",
    spec="(m / s)^2 in homogeneous ROIs, population deviation, of the envelope (a display is expanded by its range)",
    version="3",
)
SSI = Metric(
    name="ssi",
    title="Speckle suppression index",
    function=ssi,
    needs=("input", "homogeneous", "linear_or_range"),
    better="lower",
    unit="",
    spec="(s_y / m_y) / (s_n / m_n) in homogeneous ROIs, of the envelope (a display is expanded by its range)",
    version="3",
)
SMPI = Metric(
    name="smpi",
    title="Speckle suppression and mean preservation index",
    function=smpi,
    needs=("input", "homogeneous", "linear_or_range"),
    better="lower",
    unit="",
    spec="(1 + |m_n - m_y|) s_y / s_n in homogeneous ROIs, of the envelope in [0, 1] (a display is expanded)",
    version="3",
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
