"""How well a target stands out from its background."""

import numpy as np

from usbench.core.metric import Metric
from usbench.ultrasound.bmode import log_expand

GCNR_BINS = 256


def cnr(estimate: np.ndarray, target: np.ndarray, background: np.ndarray) -> float:
    r"""Return the contrast-to-noise ratio of two regions, linear, on the display image.

    .. math:: \mathrm{CNR} = \frac{|m_1 - m_2|}{\sqrt{s_1^2 + s_2^2}}

    Two regions that are both flat give infinity if their means differ and 0 if not.

    Parameters
    ----------
    estimate
        (H, W) in [0, 1].
    target, background
        Boolean masks.

    Returns
    -------
    float
        From 0, without bound.

    Notes
    -----
    At least four forms of it are in use (signed, linear, dB, of the envelope or of the display); numbers of different
    forms cannot be compared. It moves under monotone grey maps, which add no information, and grows without bound as
    regions are smoothed, whatever becomes of their border.
    """
    inside, outside = estimate[target], estimate[background]
    difference = abs(float(inside.mean()) - float(outside.mean()))
    spread = float(np.sqrt(inside.var() + outside.var()))
    if spread == 0:
        return float("inf") if difference > 0 else 0.0
    return difference / spread


def gcnr(estimate: np.ndarray, target: np.ndarray, background: np.ndarray, bins: int = GCNR_BINS) -> float:
    r"""Return the generalised CNR, one minus the overlap of the regions' histograms over [0, 1].

    .. math:: \mathrm{gCNR} = 1 - \sum_i \min(h_1(i), h_2(i))

    It does not move under invertible grey maps but for binning.

    Returns
    -------
    float
        In [0, 1]; 1 if no grey is in both regions.

    Notes
    -----
    Small regions are biased upwards: two samples of one Rayleigh population scored 0.236 at 1,000 pixels in each region
    and 0.031 at 50,000, with 256 bins; `gcnr_null` gives that bias. It rewards smoothing, and says nothing
    of edges: read it beside `edge_width`, `fom` and `ratio_structure`. Once the histograms are apart it is 1 and tells
    methods apart no longer.

    References
    ----------
    Rodriguez-Molares et al., "The generalized contrast-to-noise ratio", IEEE Trans. UFFC 67(4):745-759, 2020.
    """
    first, second = (_histogram(estimate[mask], bins) for mask in (target, background))
    return 1.0 - float(np.minimum(first, second).sum())


def gcnr_null(
    estimate: np.ndarray, size_target: int, size_background: int, bins: int = GCNR_BINS, draws: int = 200
) -> float:
    """Return the mean gCNR of two random samples of one population: what no contrast at all would score.

    Parameters
    ----------
    estimate
        Values of the population.
    size_target, size_background
        Pixels in the two regions.
    """
    rng = np.random.default_rng(0)
    population = _histogram(np.ravel(estimate), bins)
    population = population[population > 0]  # empty bins take random numbers before NumPy 2.5, and none since
    first = rng.multinomial(size_target, population, draws) / size_target
    second = rng.multinomial(size_background, population, draws) / size_background
    return 1.0 - float(np.minimum(first, second).sum(axis=1).mean())


def cnr_db(estimate: np.ndarray, target: np.ndarray, background: np.ndarray) -> float:
    r"""Return the contrast-to-noise ratio in dB, on the display image.

    .. math:: 20 \log_{10} \frac{|m_1 - m_2|}{\sqrt{(s_1^2 + s_2^2) / 2}}

    This is the form of PICMUS and of much of the beamforming literature; it is `cnr` in decibels plus 3.01.

    Returns
    -------
    float
        Any number; minus infinity for equal means, infinity for two different flat regions.

    Notes
    -----
    Those of `cnr`. A mean over images of decibels is not the decibels of a mean.
    """
    linear = cnr(estimate, target, background) * np.sqrt(2)
    return 20 * float(np.log10(linear)) if linear > 0 else float("-inf")


def contrast_db(estimate: np.ndarray, target: np.ndarray, background: np.ndarray, dynamic_range_db: float) -> float:
    r"""Return the contrast of two regions' mean envelopes in dB.

    .. math:: \left|20 \log_{10} \frac{\overline{e_1}}{\overline{e_2}}\right|

    The envelope :math:`e` is the display image expanded by its dynamic range.

    Returns
    -------
    float
        From 0, without bound.

    Notes
    -----
    Any stretching of grey moves it: it says what a method does to contrast, and more is not always better. Means of the
    envelope are governed by the brightest pixels. It needs the scanner's dynamic range, which of real images is
    assumed.
    """
    inside, outside = (log_expand(estimate[mask], dynamic_range_db).mean() for mask in (target, background))
    return abs(20 * float(np.log10(inside / outside)))


def gcnr_null_of(estimate: np.ndarray, target: np.ndarray, background: np.ndarray) -> float:
    r"""Return the gCNR that regions of these sizes would have without any contrast.

    .. math:: \overline{1 - \sum_i \min(\hat h_1(i), \hat h_2(i))}

    over 200 draws of two samples of the pooled regions, each of its region's size.

    Returns
    -------
    float
        In [0, 1]; towards 0 for large regions.

    Notes
    -----
    A yardstick beside `gcnr`, not a quality: a method cannot earn anything by it. Pixels are drawn as if independent,
    which speckle of several pixels' grain is not, so the true bias is larger.
    """
    both = np.concatenate([estimate[target], estimate[background]])
    return gcnr_null(both, int(target.sum()), int(background.sum()))


def contrast_order(
    estimate: np.ndarray, truth: np.ndarray, target: np.ndarray, background: np.ndarray
) -> float:  # fmt: skip
    r"""Return how surely a pixel of one region is brighter than one of the other, in the direction of the truth.

    .. math:: \pm \left(P(A > B) - P(A < B)\right)

    for pixels :math:`A` of the target and :math:`B` of the background; the sign makes it positive in the reference, or
    in the input without one.

    Returns
    -------
    float
        In [-1, 1]; 1 if the regions do not overlap, 0 if neither is brighter, negative if a method turns contrast
        round.

    Notes
    -----
    No monotone grey map changes it, and with a reference two identical populations have 0 on average, whatever their
    size: neither holds for gCNR with 256 equal bins. Without a reference the sign is the input's own, so that two
    identical populations have a little more than 0 (.07 for regions of 100 pixels, .02 for 1,000). Like gCNR, it
    rewards smoothing, and says no more once the regions do not overlap.

    References
    ----------
    Mann, Whitney, Annals of Mathematical Statistics 18(1):50-60, 1947; Cliff's delta.
    """
    sign = 1.0 if _order(truth[target], truth[background]) >= 0 else -1.0
    return sign * _order(estimate[target], estimate[background])


def _order(first: np.ndarray, second: np.ndarray) -> float:
    ranked = np.sort(second)
    below, up_to = np.searchsorted(ranked, first, "left"), np.searchsorted(ranked, first, "right")
    return float((below.sum() - (ranked.size - up_to).sum()) / (first.size * ranked.size))


def usdsai(estimate: np.ndarray, image: np.ndarray, target: np.ndarray, background: np.ndarray) -> float:
    r"""Return the ultrasound despeckling assessment index :math:`Q_y / Q_n`.

    .. math:: Q = \frac{\sum_{k \ne l} (m_k - m_l)^2}{\sum_k s_k^2}

    over the two regions, of the despeckled image and of the input.

    Returns
    -------
    float
        From 0, without bound; above 1 if regions have become more distinct. NaN if the input's regions have no
        contrast, infinite for flat regions of different means.

    Notes
    -----
    With two regions it is the square of the gain in `cnr`, and has the pitfalls of `cnr`.

    References
    ----------
    Tay, Garson, Acton, Hossack, "Ultrasound despeckling for contrast enhancement", IEEE Trans. Image Process.
    19(7):1847-1860, 2010. The index is named after the despeckling assessment index of that paper.
    """
    before, after = (cnr(plane, target, background) ** 2 for plane in (image, estimate))
    return after / before if 0 < before < np.inf else float("nan")


def _histogram(values: np.ndarray, bins: int) -> np.ndarray:
    indices = np.minimum((np.clip(values, 0, 1) * bins).astype(np.int64), bins - 1)
    return np.bincount(indices, minlength=bins) / values.size


CNR = Metric(
    name="cnr",
    title="Contrast-to-noise ratio",
    function=cnr,
    needs=("contrast",),
    better="higher",
    unit="",
    spec="|m1 - m2| / sqrt(s1^2 + s2^2), linear, unsigned, population variances, on the display image",
)
GCNR = Metric(
    name="gcnr",
    title="Generalised contrast-to-noise ratio",
    function=gcnr,
    needs=("contrast",),
    better="higher",
    unit="",
    spec=f"1 - sum min(h1, h2), {GCNR_BINS} bins over [0, 1], on the display image; biased upwards in small ROIs",
)
CNR_DB = Metric(
    name="cnr_db",
    title="Contrast-to-noise ratio in dB",
    function=cnr_db,
    needs=("contrast",),
    better="higher",
    unit="dB",
    spec="20 log10(|m1 - m2| / sqrt((s1^2 + s2^2) / 2)), population variances, on the display image",
)
CONTRAST_DB = Metric(
    name="contrast_db",
    title="Contrast of mean envelopes",
    function=contrast_db,
    needs=("contrast", "dynamic_range"),
    better="higher",
    unit="dB",
    spec="|20 log10(m1 / m2)| of means of the expanded envelope",
)
GCNR_NULL = Metric(
    name="gcnr_null",
    title="gCNR of no contrast, at these region sizes",
    function=gcnr_null_of,
    needs=("contrast",),
    better="lower",
    unit="",
    spec=f"mean gcnr of 200 draws of two samples of the pooled regions, of the regions' sizes, {GCNR_BINS} bins",
    by_default=False,
    version="2",
)
USDSAI = Metric(
    name="usdsai",
    title="Ultrasound despeckling assessment index",
    function=usdsai,
    needs=("input", "contrast"),
    better="higher",
    unit="",
    spec="Tay 2010: Q_y / Q_n, Q = sum (m_k - m_l)^2 / sum s_k^2 over target and background, on the display image",
)
CONTRAST_ORDER = Metric(
    name="contrast_order",
    title="Order of target and background",
    function=contrast_order,
    needs=("reference_or_input", "contrast"),
    better="higher",
    unit="",
    spec="P(A > B) - P(A < B) of pixels of target and background, with the sign that is positive in the reference, or "
    "in the input without one",
    version="2",
)
