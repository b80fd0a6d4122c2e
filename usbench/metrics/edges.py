"""How well edges are kept. Two indices are called EPI in the literature; they are not comparable."""

import numpy as np

from usbench.core.metric import Metric


def epi_ratio(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return the sum of gradients of the estimate over that of the reference.

    .. math:: \frac{\sum |\nabla y|}{\sum |\nabla x|}

    with forward differences along both axes.

    Parameters
    ----------
    estimate, reference
        (H, W) in [0, 1].

    Returns
    -------
    float
        From 0, without bound; 1 if the estimate has as much gradient as the reference. NaN if the reference is flat.

    Notes
    -----
    More than 1 means left-over speckle, less means blur; the two cancel, so that a blurred image with some speckle
    scores 1. Another index of the same name, `epi_beta`, is not comparable.
    """
    total = _total_variation(reference)
    return _total_variation(estimate) / total if total > 0 else float("nan")


def epi_beta(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return Sattar's :math:`\beta`, the correlation of the Laplacians of reference and estimate.

    .. math:: \beta = \frac{\sum (\Delta x - \overline{\Delta x}) (\Delta y - \overline{\Delta y})}
        {\sqrt{\sum (\Delta x - \overline{\Delta x})^2 \sum (\Delta y - \overline{\Delta y})^2}}

    The Laplacian is the 5-point one on floating-point images, at pixels that have all four neighbours.

    Returns
    -------
    float
        In [-1, 1]; 1 for identical images, 0 if either is flat. NaN for images below 3 x 3.

    Notes
    -----
    Laplacians amplify the finest detail, so left-over speckle drowns the edges. On the 13 tiles of `natural+rayleigh`
    the noisy input has 0.09, the reference itself under a Gaussian of one pixel 0.58, and shifted by one pixel 0.15.

    References
    ----------
    Sattar, Floreby, Salomonsson, Lovstrom, "Image enhancement based on a nonlinear multiscale method", IEEE Trans.
    Image Process. 6(6):888-895, 1997.
    """
    if min(estimate.shape) < 3:
        return float("nan")
    first, second = (_laplacian(image) for image in (reference, estimate))
    first, second = first - first.mean(), second - second.mean()
    norm = float(np.sqrt(np.sum(first**2) * np.sum(second**2)))
    return float(np.sum(first * second)) / norm if norm > 0 else 0.0


def _total_variation(image: np.ndarray) -> float:
    return float(np.abs(np.diff(image, axis=0)).sum() + np.abs(np.diff(image, axis=1)).sum())


def _laplacian(image: np.ndarray) -> np.ndarray:
    neighbours = image[:-2, 1:-1] + image[2:, 1:-1] + image[1:-1, :-2] + image[1:-1, 2:]
    return neighbours - 4 * image[1:-1, 1:-1]


EPI_RATIO = Metric(
    name="epi_ratio",
    title="Edge preservation, gradient ratio",
    function=epi_ratio,
    needs=("reference",),
    better="one",
    unit="",
    spec="sum |grad y| / sum |grad x|, anisotropic forward differences, x the reference",
)
EPI_BETA = Metric(
    name="epi_beta",
    title="Edge preservation, Laplacian correlation",
    function=epi_beta,
    needs=("reference",),
    better="higher",
    unit="",
    spec="Sattar 1997: correlation of 5-point Laplacians of y and the reference, interior pixels, float64",
)
