"""What a method has taken away: only speckle, or anatomy too?"""

import numpy as np

from usbench.core.metric import Metric
from usbench.ultrasound.speckle_size import autocorrelation_width

from .convolution import smoothed

DARK = 1 / 255  # below this the ratio of two greys means nothing
FINE, COARSE = 2.0, 6.0  # pixels; between them lies the detail that a filter may lose


def ratio_mean(estimate: np.ndarray, image: np.ndarray, roi: np.ndarray) -> float:
    r"""Return the mean of the ratio image in a homogeneous region.

    .. math:: \overline{n / y}

    where the estimate is brighter than one grey level of 255.

    Returns
    -------
    float
        From 0, without bound; 1 if the region's brightness was kept. NaN if the region is black.

    Notes
    -----
    That the mean is kept does not say that speckle was taken away: the untouched input has 1. On a log-compressed
    display the ratio is one of greys, not of echo amplitudes.
    """
    ratio = _ratio(estimate, image)[roi]
    return float(np.nanmean(ratio)) if np.isfinite(ratio).any() else float("nan")


def ratio_variance(estimate: np.ndarray, image: np.ndarray, roi: np.ndarray) -> float:
    r"""Return the variance of the ratio image in a homogeneous region over the squared relative speckle of the input.

    .. math:: \frac{\mathrm{var}(n / y)}{(s_n / m_n)^2}

    Returns
    -------
    float
        From 0, without bound; 1 if all the speckle went and nothing else; less if some is left. NaN if the input's
        region has none, or is black.

    Notes
    -----
    More than 1 means that something else than speckle was taken away, or that the estimate has texture of its own. It
    says nothing of what happens at edges.
    """
    ratio = _ratio(estimate, image)[roi]
    expected = float(image[roi].var()) / max(float(image[roi].mean()) ** 2, DARK**2)
    return float(np.nanvar(ratio)) / expected if expected > 0 and np.isfinite(ratio).any() else float("nan")


def ratio_structure(estimate: np.ndarray, image: np.ndarray) -> float:
    r"""Return how much of the estimate's structure shows in the ratio image.

    .. math:: \left|\mathrm{corr}\left(G_2 * \min(n / y, 3),\; G_2 * y - G_6 * y\right)\right|

    It is the size of the correlation, over pixels that are not dark, between the ratio image smoothed with a Gaussian
    :math:`G_2` of 2 pixels and the estimate's detail (smoothed with 2 pixels less smoothed with 6).

    Returns
    -------
    float
        In [0, 1]; 0 for a flat estimate or ratio image.

    Notes
    -----
    Where only speckle went the two have nothing in common; a blurred edge is a bright and a dark seam in both, and so
    is a grain of which half is left. So left-over speckle raises it too, and coarse speckle more than fine. A flat
    image has 0 and has lost all anatomy: read it beside the contrast.

    References
    ----------
    The ratio image as a test: Oliver, Quegan, Understanding Synthetic Aperture Radar Images, 1998, section 6.6.
    """
    ratio = _ratio(estimate, image)
    usable = np.isfinite(ratio)
    if usable.sum() < 2:
        return 0.0
    seen = smoothed(np.where(usable, np.clip(ratio, 0, 3), 1.0), FINE)[usable]
    detail = (smoothed(estimate, FINE) - smoothed(estimate, COARSE))[usable]
    if seen.std() < 1e-9 or detail.std() < 1e-9:
        return 0.0
    return abs(float(np.corrcoef(seen, detail)[0, 1]))


def residual_axial(estimate: np.ndarray, image: np.ndarray, roi: np.ndarray) -> float:
    r"""Return the axial width of the grains that were taken away, over that of the input's own in the region.

    .. math:: \frac{w(n - y)}{w(n)}

    Widths :math:`w` are those of the autocorrelation at one half (see `autocorrelation_width`).

    Returns
    -------
    float
        From 0, without bound; 1 if whole grains went, below 1 if only their finest part did, 0 if nothing was taken
        away. NaN if the input's region is flat.

    Notes
    -----
    Above 1 something broader than speckle was taken away, such as a trend of brightness. A trend inside the region
    widens the input's own autocorrelation.
    """
    return _width_ratio(estimate, image, roi, 0)


def residual_lateral(estimate: np.ndarray, image: np.ndarray, roi: np.ndarray) -> float:
    r"""Return the same as `residual_axial`, along the lateral axis.

    .. math:: \frac{w(n - y)}{w(n)}

    Returns
    -------
    float
        As for `residual_axial`.

    Notes
    -----
    Those of `residual_axial`. Lateral grains are wider, so fewer of them fit into a region, and the width scatters
    more.
    """
    return _width_ratio(estimate, image, roi, 1)


def _width_ratio(estimate: np.ndarray, image: np.ndarray, roi: np.ndarray, axis: int) -> float:
    taken, own = (autocorrelation_width(plane, roi, axis) for plane in (image - estimate, image))
    return 0.0 if np.isnan(taken) and not np.isnan(own) else taken / own


def _ratio(estimate: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return n / y, NaN where the estimate is darker than one grey level of 255."""
    return np.divide(image, estimate, out=np.full(image.shape, np.nan), where=estimate > DARK)


RATIO_MEAN = Metric(
    name="ratio_mean",
    title="Mean of the ratio image",
    function=ratio_mean,
    needs=("input", "homogeneous"),
    better="one",
    unit="",
    spec="mean of n / y in homogeneous ROIs where y > 1/255, on the display image",
)
RATIO_VARIANCE = Metric(
    name="ratio_variance",
    title="Variance of the ratio image over that of the speckle",
    function=ratio_variance,
    needs=("input", "homogeneous"),
    better="one",
    unit="",
    spec="var(n / y) / (s_n / m_n)^2 in homogeneous ROIs where y > 1/255, on the display image",
)
RATIO_STRUCTURE = Metric(
    name="ratio_structure",
    title="Structure left in the ratio image",
    function=ratio_structure,
    needs=("input",),
    better="lower",
    unit="",
    spec="|correlation| of G2 * min(n / y, 3) and G2 * y - G6 * y (Gaussians of 2 and 6 px), where y > 1/255",
)
RESIDUAL_AXIAL = Metric(
    name="residual_axial",
    title="Axial width of removed grains over the input's",
    function=residual_axial,
    needs=("input", "homogeneous"),
    better="one",
    unit="",
    spec="autocorrelation full width at half maximum of n - y over that of n, axial, in homogeneous ROIs",
)
RESIDUAL_LATERAL = Metric(
    name="residual_lateral",
    title="Lateral width of removed grains over the input's",
    function=residual_lateral,
    needs=("input", "homogeneous"),
    better="one",
    unit="",
    spec="autocorrelation full width at half maximum of n - y over that of n, lateral, in homogeneous ROIs",
)
