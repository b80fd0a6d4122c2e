"""How well a target stands out from its background."""

import numpy as np

from usbench.metric import Metric

GCNR_BINS = 256


def cnr(estimate: np.ndarray, target: np.ndarray, background: np.ndarray) -> float:
    r"""Return the contrast-to-noise ratio :math:`|m_1 - m_2| / \sqrt{s_1^2 + s_2^2}`, linear, on the display image.

    Two regions that are both flat give infinity if their means differ and 0 if not. CNR moves under monotone grey maps.

    Parameters
    ----------
    estimate
        (H, W) in [0, 1].
    target, background
        Boolean masks.
    """
    inside, outside = estimate[target], estimate[background]
    difference = abs(float(inside.mean()) - float(outside.mean()))
    spread = float(np.sqrt(inside.var() + outside.var()))
    if spread == 0:
        return float("inf") if difference > 0 else 0.0
    return difference / spread


def gcnr(estimate: np.ndarray, target: np.ndarray, background: np.ndarray, bins: int = GCNR_BINS) -> float:
    r"""Return the generalised CNR :math:`1 - \sum_i \min(h_1(i), h_2(i))` of the regions' histograms over [0, 1].

    It is one minus the overlap of the two distributions, and does not move under invertible grey maps but for binning.
    Small regions are biased upwards: see `gcnr_null`.

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
    first = rng.multinomial(size_target, population, draws) / size_target
    second = rng.multinomial(size_background, population, draws) / size_background
    return 1.0 - float(np.minimum(first, second).sum(axis=1).mean())


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
