"""How well edges are found again, and how sharp they are."""

import numpy as np

from usbench.core.metric import Metric
from usbench.core.sample import Sample

from .canny import canny
from .distance import squared_distances

ALPHA = 1 / 9
CANNY_SIGMA, CANNY_LOW, CANNY_HIGH = 1.0, 0.1, 0.2
REACH = 7.5  # pixels to both sides of a target's border
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

    The profile :math:`p(d)` is the mean grey of the pixels at each distance :math:`d` from the border of the target's
    region, -7.5, -6.5, ... inside to 7.5 outside; the step is that between the means of target and background.

    Returns
    -------
    float
        In [0, 15]; 15, all of the profile, if the profile passes neither level, or target and background do not differ.

    Notes
    -----
    A mean over the whole border: a target that is rough or was drawn by hand is wide before any filter, and a seam on
    one side is averaged away. Compare with the input's, not with 0. Where the input's profile passes neither level
    (the region is the core of a larger structure, or the background another grey than the surroundings), there is no
    border to judge, and the sample is skipped for every method.
    """
    crossings = _crossings(estimate, target, background)
    if all(place is None for place in crossings):
        return 2 * REACH
    low, high = (REACH if place is None else place for place in crossings)
    return abs(high - low)


def no_border(sample: Sample) -> str:
    """Return the targets whose border is not seen in the untouched input, in a sentence; empty if all are."""
    masks = sample.rois.masks
    image = np.asarray(sample.image, dtype=np.float64)
    for target, background in sample.rois.contrast:
        if all(place is None for place in _crossings(image, masks[target], masks[background])):
            return f"no border around {target} in the input"
    return ""


def _crossings(image: np.ndarray, target: np.ndarray, background: np.ndarray) -> list[float | None]:
    """Return where the profile over the border passes 20 and 80 % of the step."""
    inside, outside = float(image[target].mean()), float(image[background].mean())
    if abs(inside - outside) < FLAT:
        return [None, None]
    near = _around(target)
    within, grey = target[near], image[near]
    # the nearest pixels on both sides of the border are 1 from the other side, and half of that from the border
    outward, inward = (np.round(np.sqrt(squared_distances(region))) - 0.5 for region in (within, ~within))
    distance = np.where(within, -inward, outward)
    places = np.arange(-REACH, REACH + 1)
    rings = [grey[distance == place] for place in places]
    profile = np.array([ring.mean() if ring.size else np.nan for ring in rings])
    rise = (profile - inside) / (outside - inside)
    return [_crossing(places, rise, level) for level in (0.2, 0.8)]


def _around(target: np.ndarray) -> tuple[slice, slice]:
    """Return the box of a region with as much around it as the profile reaches."""
    margin = int(REACH) + 2
    rows, columns = np.flatnonzero(target.any(1)), np.flatnonzero(target.any(0))
    return tuple(slice(max(0, at[0] - margin), at[-1] + margin + 1) for at in (rows, columns))  # type: ignore[return-value]


def _crossing(places: np.ndarray, rise: np.ndarray, level: float) -> float | None:
    """Return where a profile first passes a level, between places linearly; None if it never does."""
    below = np.flatnonzero((rise[:-1] < level) & (rise[1:] >= level))
    if not len(below):
        return None
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
    spec="mean profile at -7.5, -6.5 .. 7.5 px from the target ROI's border, 20-80 % of the step between ROI means; "
    "a level that is not passed counts as 7.5, 15 px if neither is; only where the input passes one",
    undefined=no_border,
)
