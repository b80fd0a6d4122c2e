"""How well edges are kept. Two indices are called EPI in the literature; they are not comparable."""

import numpy as np

from usbench.metric import Metric


def epi_ratio(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return :math:`\sum |\nabla y| / \sum |\nabla x|` with forward differences along both axes.

    1 if the estimate has as much gradient as the reference; more means left-over speckle, less means blur. NaN if the
    reference is flat.

    Parameters
    ----------
    estimate, reference
        (H, W) in [0, 1].
    """
    total = _total_variation(reference)
    return _total_variation(estimate) / total if total > 0 else float("nan")


def epi_beta(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return Sattar's :math:`\beta`, the correlation of the Laplacians of reference and estimate, in [-1, 1].

    The Laplacian is the 5-point one on floating-point images, at pixels that have all four neighbours. 0 if either is
    flat; NaN for images below 3 x 3.

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
