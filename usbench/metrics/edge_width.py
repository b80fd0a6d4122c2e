"""How wide the borders of targets are."""

from functools import cache

import numpy as np

from usbench.core.metric import Metric
from usbench.core.sample import Sample

REACH = 24  # pixels to both sides of a target's border, as far as its regions reach
SHIFTS = np.arange(-8.0, 8.01, 0.25)  # pixels by which a border may lie beside its region's
WIDTHS = np.geomspace(0.1, 24.0, 64)  # pixels: standard deviations of the error function, up to the profile's reach
RISE = 2 * 0.8416  # from 20 to 80 % of an error function, in its standard deviations
LOST = 0.25  # of the step: a profile that rises less has no border left, and counts as widest
FLAT = 0.02  # of the grey range: a smaller step is no border


def edge_width(estimate: np.ndarray, truth: np.ndarray, target: np.ndarray, background: np.ndarray) -> float:
    r"""Return the width in pixels over which a target's border rises from 20 to 80 % of its step.

    .. math:: p(d) \approx c + (m_2 - m_1)\, \Phi\left(\frac{d - d_0}{s}\right), \quad w = 1.683\, s

    The profile :math:`p(d)` is the mean grey of the estimate at each distance :math:`d` from the border of the target's
    region, negative inside, over the target, the background and what lies between them. An error function is fitted to
    it by least squares in :math:`c`, :math:`d_0` and :math:`s`. Its step :math:`m_2 - m_1` is that between the means of
    background and target in the reference, or in the input where there is none: a blur cannot hide behind a step of its
    own.

    Returns
    -------
    float
        From .17 to 40, the range of the fit; 40 too where less than a quarter of the step is left.

    Notes
    -----
    A mean over the whole border: a target that is rough, or that was drawn by hand, is wide before any filter. Compare
    with the input's value, not with 0. A method that loses contrast has a wide border too, since its step is not
    reached. Where target and background differ by less than 2 % of the grey range in the reference or input, there is
    no border to judge, and the sample is skipped for every method.
    """
    step = _step(truth, target, background)
    places, profile, weights = _profile(estimate, target, background)
    if _rise(places, profile, weights) / step < LOST:
        return float(RISE * WIDTHS[-1])
    shapes = _shapes(places[0], len(places)) * step
    total = weights.sum()
    # least squares in c for every shape at once: the weighted variance of what is left
    mean, square = shapes @ weights / total, shapes**2 @ weights / total
    cross = shapes @ (weights * profile) / total
    own, own_square = weights @ profile / total, weights @ profile**2 / total
    errors = (own_square - 2 * cross + square - (own - mean) ** 2).reshape(len(WIDTHS), len(SHIFTS))
    width, shift = np.unravel_index(int(errors.argmin()), errors.shape)
    return float(RISE * WIDTHS[0] * (WIDTHS[1] / WIDTHS[0]) ** _lowest(errors[:, shift], int(width)))


def _rise(places: np.ndarray, profile: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean of the outer half of the profile outside less that of the inner half inside."""
    inner, outer = places <= places[0] / 2, places >= places[-1] / 2
    return float(
        np.average(profile[outer], weights=weights[outer]) - np.average(profile[inner], weights=weights[inner])
    )


def no_border(sample: Sample) -> str:
    """Return the target whose step is too small to have a border, in a sentence; empty if all have one."""
    truth = sample.image if sample.reference is None else sample.reference
    for target, background in sample.rois.contrast:
        if not (sample.rois.masks[background] & ~sample.rois.masks[target]).any():
            return f"{background} is inside {target}"
        if abs(_step(truth, sample.rois.masks[target], sample.rois.masks[background])) < FLAT:
            return f"no border around {target}"
    return ""


def _step(truth: np.ndarray, target: np.ndarray, background: np.ndarray) -> float:
    return float(truth[background].mean(dtype=np.float64) - truth[target].mean(dtype=np.float64))


def _profile(
    estimate: np.ndarray, target: np.ndarray, background: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return distances from the target's border, the mean grey at each, and the number of its pixels."""
    from scipy.ndimage import distance_transform_edt

    rows, columns = np.flatnonzero(target.any(1)), np.flatnonzero(target.any(0))
    box = tuple(slice(max(0, at[0] - REACH - 2), at[-1] + REACH + 3) for at in (rows, columns))
    inside, around = target[box], background[box]
    distance = np.where(inside, 0.5 - distance_transform_edt(inside), distance_transform_edt(~inside) - 0.5)
    gap = distance[around].min() if around.any() else REACH
    counted = (inside | around | ((distance > 0) & (distance < gap))) & (np.abs(distance) <= REACH)
    place = np.floor(distance[counted]).astype(int)
    first = place.min()
    counts = np.bincount(place - first)
    sums = np.bincount(place - first, weights=estimate[box][counted])
    return np.arange(first, first + len(counts)) + 0.5, sums / np.maximum(counts, 1), counts.astype(float)


@cache
def _shapes(first: float, count: int) -> np.ndarray:
    """Return unit error functions at distances from `first` on, (widths x shifts, distances)."""
    from scipy.special import ndtr

    distances = first + np.arange(count)
    return ndtr((distances - SHIFTS[:, None]) / WIDTHS[:, None, None]).reshape(-1, count)


def _lowest(errors: np.ndarray, at: int) -> float:
    """Return the place of the least error, between places by a parabola."""
    if not 0 < at < len(errors) - 1:
        return float(at)
    before, here, after = errors[at - 1 : at + 2]
    bend = before - 2 * here + after
    return at + (float(0.5 * (before - after) / bend) if bend > 0 else 0.0)


EDGE_WIDTH = Metric(
    name="edge_width",
    title="Width of target borders, 20 to 80 %",
    function=edge_width,
    needs=("reference_or_input", "contrast"),
    better="lower",
    unit="px",
    spec="1.683 s of an error function fitted to the mean profile over the border, up to 24 px to both sides; its step "
    "is that of the reference, or of the input without one; only where that is .02 or more",
    undefined=no_border,
    version="2",
)
