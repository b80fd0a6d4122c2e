r"""What a method answers to inserted lesions: a truth for real B-mode.

A method is given an image :math:`y` and the same image with lesions, :math:`y + d` (`usbench.core.lesions`). Its answer
to the known change is :math:`r = f(y + d) - f(y)`.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from usbench.core.lesions import CONTRASTS_DB, SIZES, InsertedLesions, Lesion
from usbench.core.metric import Metric
from usbench.core.sample import Sample
from usbench.metrics.convolution import gaussian_means

HEAD_DB = 4  # the contrast whose Gaussian equivalent orders real boards
UNDEFINED = 0.5  # residual beyond which a lesion is as good as lost
ALL = 0  # in place of a contrast or a size
WIDEST = 8.0  # border, in widths of the inserted one
BLURS = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0, 16.0, 22.0)  # pixels


def lesion_residual(
    estimate: np.ndarray, response: np.ndarray, lesions: InsertedLesions, *, contrast_db: int = ALL
) -> float:
    r"""Return the part of inserted lesions that a method loses.

    .. math:: \frac{\sum_W |r - d|^2}{\sum_W |d|^2}

    in the window :math:`W` of a lesion, averaged over the lesions of a contrast so that small ones count as much as
    large ones. :math:`r = f(y + d) - f(y)` is what the method :math:`f` answers to the lesions :math:`d`.

    Returns
    -------
    float
        0 if the answer is the lesion itself, 1 if there is none, above 1 if it is worse than none.

    Notes
    -----
    It says nothing about speckle: the untouched image has 0.

    References
    ----------
    This project: docs/judging.md.
    """
    return _residual(response, lesions, _chosen(lesions, contrast_db))


def lesion_gain(
    estimate: np.ndarray,
    response: np.ndarray,
    lesions: InsertedLesions,
    *,
    contrast_db: int = ALL,
    size: int = ALL,
) -> float:
    r"""Return the factor by which inserted lesions come back, by least squares.

    .. math:: \frac{\sum_W r d}{\sum_W d^2}

    with :math:`r = f(y + d) - f(y)` in the windows :math:`W` of the lesions.

    Returns
    -------
    float
        1 is ideal; below, contrast is lost; above, it is exaggerated.

    Notes
    -----
    It is a mean contrast: blurred borders lower it little. The untouched image has 1.
    """
    parts = [(response[window], lesions.offset[window]) for window in _windows(response, lesions, contrast_db, size)]
    return float(sum(np.sum(r * d) for r, d in parts) / sum(np.sum(d * d) for _, d in parts))


def lesion_spill(estimate: np.ndarray, response: np.ndarray, lesions: InsertedLesions) -> float:
    r"""Return the energy of the answer outside the windows of all lesions, over that of the lesions.

    .. math:: \frac{\sum_{\overline W} r^2}{\sum d^2}

    with :math:`r = f(y + d) - f(y)`, outside :math:`\overline W` of all windows.

    Returns
    -------
    float
        0 if nothing changes away from the lesions, as with any filter that works within its neighbourhood.

    Notes
    -----
    A method that normalises each image by its own statistics is above 0 even if it is harmless.
    """
    outside = np.ones(response.shape, bool)
    for window in _windows(response, lesions):
        outside[window] = False
    return float(np.sum(response[outside] ** 2) / np.sum(lesions.offset**2))


def lesion_border(estimate: np.ndarray, response: np.ndarray, lesions: InsertedLesions) -> float:
    r"""Return the width of the lesions' borders in the answer over that of the inserted ones.

    The width is the standard deviation :math:`w` of an error function

    .. math:: \bar r(x) \approx a + b\, \Phi\left(\frac{x - x_0}{w}\right)

    fitted by least squares to the mean answer at each depth :math:`x` inside the border, over the lesions of 8 and
    16 dB and at least 2 grain widths.

    Returns
    -------
    float
        1 is ideal; above, borders are blurred. At most 8, which is also the value where no lesion is answered.

    Notes
    -----
    A method that sharpens is below 1, which is no better than above.
    """
    from scipy.optimize import curve_fit
    from scipy.special import ndtr

    ratios = []
    for lesion in filter(_has_border, lesions.lesions):
        window = lesion.window(response.shape)
        depth = lesion.depth(response.shape) / lesion.border
        answer = response[window] * np.sign(lesion.contrast_db)
        near = np.abs(depth) < 6
        steps = np.round(2 * depth[near]).astype(int)
        places = np.unique(steps)
        profile = np.array([answer[near][steps == place].mean() for place in places])
        if np.ptp(profile) < 1e-6:
            continue
        try:
            fit, _ = curve_fit(
                lambda x, low, step, shift, width: low + step * ndtr((x - shift) / width),
                places / 2,
                profile,
                p0=(profile.min(), np.ptp(profile), 0.0, 1.0),
                bounds=([-1, 0, -4, 0.05], [1, 2, 4, WIDEST]),
            )
        except RuntimeError:  # it does not converge on an answer that is no step
            continue
        ratios.append(fit[3])
    return float(np.mean(ratios)) if ratios else WIDEST


def grain_kept(estimate: np.ndarray, lesions: InsertedLesions) -> float:
    r"""Return the fine grain left in flat windows of the result for the image without lesions, over that of the input.

    .. math:: \frac{s(f(y) - G_5 * f(y))}{s(y - G_5 * y)}

    where :math:`s` is the standard deviation in the windows and :math:`G_5` a Gaussian of 5 pixels.

    Returns
    -------
    float
        0 if no speckle is left, 1 if all of it is.

    Notes
    -----
    Any blur lowers it: read it beside the residual of lesions, or use `gaussian_equivalent_4db`.
    """
    return lesions.grain_kept(estimate)


def gaussian_equivalent(
    estimate: np.ndarray, response: np.ndarray, lesions: InsertedLesions, *, contrast_db: int = HEAD_DB
) -> float:
    r"""Return the grain kept, over that of the Gaussian blur which loses as much of the lesions.

    .. math:: \frac{g(f)}{g(G_\sigma)}, \quad \sigma: \rho(G_\sigma) = \rho(f)

    where :math:`g` is `grain_kept` and :math:`\rho` the `lesion_residual` at this contrast, both on this image.

    Returns
    -------
    float
        1 for the untouched image and for any Gaussian, above 1 for mixtures of the two. Below 1, more speckle is
        removed than by a Gaussian at the same loss. Infinite if the residual is above one half, where a lesion is as
        good as lost.

    Notes
    -----
    It is a ratio: a method that changes nothing has 1 too. Read it beside `grain_kept`.

    References
    ----------
    This project: docs/judging.md.
    """
    residual = _residual(response, lesions, _chosen(lesions, contrast_db))
    if residual > UNDEFINED:
        return float("inf")
    lost, kept = _blurred(lesions)
    return lesions.grain_kept(estimate) / _at(np.array(lost[contrast_db]), np.array(kept), residual)


def lesion_auc(estimate: np.ndarray, response: np.ndarray, lesions: InsertedLesions) -> float:
    r"""Return how well the mean grey of disc less ring tells sites with a lesion of 4 dB from sites without.

    .. math:: P(t_1 > t_0) + \tfrac12 P(t_1 = t_0)

    where :math:`t_1` is disc less ring at a site with a lesion, and :math:`t_0` at the site of any lesion in the image
    without lesions; for dark lesions the signs are turned.

    Returns
    -------
    float
        Area under the ROC curve; 0.5 is chance, 1 is ideal.

    Notes
    -----
    Despeckling cannot add information: a value far above the untouched input's says that a method invents lesions, far
    below that it loses them.
    """
    with_lesions = estimate + response
    absent = [_disc_less_ring(estimate, lesion) for lesion in lesions.lesions]
    scores = []
    for lesion in _chosen(lesions, HEAD_DB):
        sign = np.sign(lesion.contrast_db)
        present = _disc_less_ring(with_lesions, lesion)
        scores += [(sign * present > sign * other) + 0.5 * (present == other) for other in absent]
    return float(np.mean(scores))


def no_lesion(sample: Sample, *, contrast_db: int = ALL, size: int = ALL, least: int = 1) -> str:
    """Return why lesions of a contrast or size say nothing about a sample; empty if they do."""
    found = [] if sample.lesions is None else _chosen(sample.lesions, contrast_db, size)
    if len(found) >= least:
        return ""
    which = f" of {contrast_db} dB" * bool(contrast_db) + f" of {size} grain widths" * bool(size)
    return f"no room for a lesion{which}"


def no_border(sample: Sample) -> str:
    """Return why no border of a lesion can be measured on a sample; empty if one can."""
    if sample.lesions is not None and any(map(_has_border, sample.lesions.lesions)):
        return ""
    return "no room for a lesion of 8 dB or more and 2 grain widths or more"


def _has_border(lesion: Lesion) -> bool:
    return abs(lesion.contrast_db) >= 8 and lesion.size >= 2


def _chosen(lesions: InsertedLesions, contrast_db: int = ALL, size: int = ALL) -> list[Lesion]:
    return [
        lesion
        for lesion in lesions.lesions
        if contrast_db in (ALL, abs(lesion.contrast_db)) and size in (ALL, lesion.size)
    ]


def _windows(
    response: np.ndarray, lesions: InsertedLesions, contrast_db: int = ALL, size: int = ALL
) -> list[tuple[slice, slice]]:
    return [lesion.window(response.shape) for lesion in _chosen(lesions, contrast_db, size)]


def _residual(response: np.ndarray, lesions: InsertedLesions, chosen: Iterable[Lesion]) -> float:
    parts = []
    for lesion in chosen:
        window = lesion.window(response.shape)
        offset = lesions.offset[window]
        parts.append(np.sum((response[window] - offset) ** 2) / np.sum(offset**2))
    return float(np.mean(parts))


@functools.lru_cache(maxsize=1)  # the metrics of a sample are computed one after the other
def _blurred(lesions: InsertedLesions) -> tuple[dict[int, list[float]], list[float]]:
    """Return the residual by contrast and the grain kept of ever wider Gaussians, the first of which changes nothing.

    The last is that which loses the lesions of every contrast.
    """
    chosen = {contrast: found for contrast in CONTRASTS_DB if (found := _chosen(lesions, contrast))}
    lost = {contrast: [0.0] for contrast in chosen}
    kept = [1.0]
    planes = np.stack([lesions.plain.astype(np.float64), lesions.offset])
    for sigma in BLURS:
        reach = int(4 * sigma + 0.5)
        padded = np.pad(planes, ((0, 0), (reach, reach), (reach, reach)), mode="edge")
        plain, response = gaussian_means(padded, sigma, reach)
        kept.append(lesions.grain_kept(plain))
        for contrast, found in chosen.items():
            lost[contrast].append(_residual(response, lesions, found))
        if min(residuals[-1] for residuals in lost.values()) > UNDEFINED:
            break
    return lost, kept


def _at(lost: np.ndarray, kept: np.ndarray, residual: float) -> float:
    """Return the grain that the Gaussian of a residual keeps, interpolated in the root of the residual."""
    place = np.sqrt(residual)
    return float(np.exp(np.interp(place, np.sqrt(np.maximum.accumulate(lost)), np.log(np.maximum(kept, 1e-6)))))


def _disc_less_ring(image: np.ndarray, lesion: Lesion) -> float:
    around, depth = image[lesion.window(image.shape)], lesion.depth(image.shape)
    disc, ring = depth > 0, depth < -lesion.border
    return float(around[disc].mean() - around[ring].mean())


def _metric(name: str, title: str, function: Callable[..., float], **about: Any) -> Metric:
    return Metric(name=name, title=title, function=function, unit="", **about)


def _by_contrast(contrast_db: int) -> tuple[Metric, Metric]:
    """Return the residual and the Gaussian equivalent at a contrast."""
    undefined = functools.partial(no_lesion, contrast_db=contrast_db)
    return (
        _metric(
            f"lesion_residual_{contrast_db}db",
            f"Residual of inserted lesions of {contrast_db} dB",
            functools.partial(lesion_residual, contrast_db=contrast_db),
            needs=("response", "lesions"),
            better="lower",
            spec=f"mean over lesions of +-{contrast_db} dB of sum |r - d|^2 / sum |d|^2, r = f(y + d) - f(y)",
            undefined=undefined,
        ),
        _metric(
            f"gaussian_equivalent_{contrast_db}db",
            f"Gaussian equivalent at {contrast_db} dB",
            functools.partial(gaussian_equivalent, contrast_db=contrast_db),
            needs=("response", "lesions"),
            better="lower",
            spec=f"grain_kept over that of the Gaussian blur with the same lesion_residual_{contrast_db}db on the same "
            "image; infinite where the residual is above .5",
            undefined=undefined,
        ),
    )


def _gains(contrast_db: int) -> tuple[Metric, ...]:
    """Return the gains at a contrast, by size: a row of the contrast-detail diagram."""
    return tuple(
        _metric(
            f"lesion_gain_{contrast_db}db_{size}g",
            f"Gain of lesions of {contrast_db} dB, {size} grain width{'s' * (size > 1)} in radius",
            functools.partial(lesion_gain, contrast_db=contrast_db, size=size),
            needs=("response", "lesions"),
            better="one",
            spec=f"sum r d / sum d^2 in the windows of lesions of +-{contrast_db} dB, radius {size} grain widths",
            undefined=functools.partial(no_lesion, contrast_db=contrast_db, size=size),
        )
        for size in SIZES
    )


LESION_SPILL = _metric(
    "lesion_spill",
    "Energy of the answer away from inserted lesions",
    lesion_spill,
    needs=("response", "lesions"),
    better="lower",
    spec="sum r^2 outside all lesions' windows / sum d^2",
)
LESION_BORDER = _metric(
    "lesion_border",
    "Width of the borders of inserted lesions",
    lesion_border,
    needs=("response", "lesions"),
    better="one",
    spec="standard deviation of the error function fitted to the mean answer by depth inside the border, over the "
    "inserted one's; lesions of 8 and 16 dB and 2 grain widths or more; 8 where none is answered",
    undefined=no_border,
    version="2",
)
GRAIN_KEPT = _metric(
    "grain_kept",
    "Fine grain kept",
    grain_kept,
    needs=("lesions",),
    better="lower",
    spec="standard deviation of y - G5 * y in up to 12 flat windows of the untouched image, over the input's",
)
LESION_AUC = _metric(
    "lesion_auc",
    "Area observer on inserted lesions of 4 dB",
    lesion_auc,
    needs=("response", "lesions"),
    better="higher",
    spec="area under the ROC curve of disc less ring, sites with a lesion of 4 dB against all sites without",
    undefined=functools.partial(no_lesion, contrast_db=HEAD_DB),
)
LESION_RESIDUAL_2DB, GAUSSIAN_EQUIVALENT_2DB = _by_contrast(2)
LESION_RESIDUAL_4DB, GAUSSIAN_EQUIVALENT_4DB = _by_contrast(4)
LESION_RESIDUAL_8DB, GAUSSIAN_EQUIVALENT_8DB = _by_contrast(8)
LESION_RESIDUAL_16DB, GAUSSIAN_EQUIVALENT_16DB = _by_contrast(16)
LESION_GAIN_2DB_1G, LESION_GAIN_2DB_2G, LESION_GAIN_2DB_4G, LESION_GAIN_2DB_8G = _gains(2)
LESION_GAIN_4DB_1G, LESION_GAIN_4DB_2G, LESION_GAIN_4DB_4G, LESION_GAIN_4DB_8G = _gains(4)
LESION_GAIN_8DB_1G, LESION_GAIN_8DB_2G, LESION_GAIN_8DB_4G, LESION_GAIN_8DB_8G = _gains(8)
LESION_GAIN_16DB_1G, LESION_GAIN_16DB_2G, LESION_GAIN_16DB_4G, LESION_GAIN_16DB_8G = _gains(16)
