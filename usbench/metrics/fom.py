"""How well edges are found again, and how sharp they are."""

import numpy as np

from usbench.metric import Metric

from .canny import canny
from .distance import squared_distances

ALPHA = 1 / 9
CANNY_SIGMA, CANNY_LOW, CANNY_HIGH = 1.0, 0.1, 0.2
NEAR, FAR = -8, 8  # pixels from a target's border
FLAT = 1e-6  # a step below this is rounding


def figure_of_merit(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return Pratt's figure of merit.

    .. math:: \frac{1}{\max(N_d, N_i)} \sum_d \frac{1}{1 + d^2 / 9}

    :math:`N_d` edge pixels of the estimate, :math:`N_i` of the reference, both by Canny's detector; :math:`d` is the
    distance of each detected pixel from the nearest one of the reference.

    Returns
    -------
    float
        In [0, 1]; 1 if the same pixels are edges. Where the reference has no edges it is 1 if the estimate has none
        either, else 0.

    Notes
    -----
    It depends on the detector's thresholds, which are fixed: an edge of faint contrast in the reference does not count,
    and one that falls just below a threshold in the estimate counts as lost.

    References
    ----------
    Pratt, Digital Image Processing, 1978; with 1/9 as in Yu, Acton, IEEE Trans. Image Process. 11(11):1260, 2002.
    """
    found, ideal = (canny(image, CANNY_SIGMA, CANNY_LOW, CANNY_HIGH) for image in (estimate, reference))
    if not ideal.any():
        return float(not found.any())
    squares = squared_distances(ideal)[found]
    return float(np.sum(1 / (1 + ALPHA * squares)) / max(found.sum(), ideal.sum()))


def edge_width(estimate: np.ndarray, target: np.ndarray, background: np.ndarray) -> float:
    r"""Return the width in pixels over which a target's border rises from 20 % to 80 % of its step.

    .. math:: |d_{0.8} - d_{0.2}|, \quad \frac{p(d_q) - m_1}{m_2 - m_1} = q

    The profile :math:`p(d)` is the mean grey at each whole distance :math:`d` from the target's region, from 8 pixels
    inside to 8 outside; the step is that between the means of target and background.

    Returns
    -------
    float
        In [0, 16]; 16, all of the profile, if target and background do not differ.

    Notes
    -----
    A mean over the whole border: a target that is rough or was drawn by hand is wide before any filter, and a seam on
    one side is averaged away. Where the profile passes neither level, because the background lies elsewhere and has
    another grey than the target's surroundings, the width is 0. Compare with the input's, not with 0.
    """
    inside, outside = float(estimate[target].mean()), float(estimate[background].mean())
    if abs(inside - outside) < FLAT:
        return float(FAR - NEAR)
    near = _around(target)
    within, grey = target[near], estimate[near]
    distance = np.round(np.sqrt(squared_distances(within)) - np.sqrt(squared_distances(~within))).astype(int)
    places = np.arange(NEAR, FAR + 1)
    rings = [grey[distance == place] for place in places]
    profile = np.array([ring.mean() if ring.size else np.nan for ring in rings])
    rise = (profile - inside) / (outside - inside)
    return abs(_crossing(places, rise, 0.8) - _crossing(places, rise, 0.2))


def _around(target: np.ndarray) -> tuple[slice, slice]:
    """Return the box of a region with as much around it as the profile reaches."""
    rows, columns = np.flatnonzero(target.any(1)), np.flatnonzero(target.any(0))
    return tuple(slice(max(0, at[0] - FAR - 1), at[-1] + FAR + 2) for at in (rows, columns))  # type: ignore[return-value]


def _crossing(places: np.ndarray, rise: np.ndarray, level: float) -> float:
    """Return where a profile first passes a level, between places linearly; the last place if it never does."""
    below = np.flatnonzero((rise[:-1] < level) & (rise[1:] >= level))
    if not len(below):
        return float(places[-1])
    start = int(below[0])
    return float(places[start] + (level - rise[start]) / (rise[start + 1] - rise[start]))


FOM = Metric(
    name="fom",
    title="Pratt's figure of merit",
    function=figure_of_merit,
    needs=("reference",),
    better="higher",
    unit="",
    spec="sum 1 / (1 + d^2 / 9) / max(Nd, Ni), Canny as in scikit-image (sigma 1, thresholds 0.1 and 0.2) on y and x",
)
EDGE_WIDTH = Metric(
    name="edge_width",
    title="Width of target borders, 20 to 80 %",
    function=edge_width,
    needs=("contrast",),
    better="lower",
    unit="px",
    spec="mean profile over whole distances -8..8 px from the target ROI, 20-80 % of the step between ROI means",
)
