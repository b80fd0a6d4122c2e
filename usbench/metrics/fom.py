"""How well edges are found again."""

import numpy as np

from usbench.core.metric import Metric

from .canny import canny

ALPHA = 1 / 9
CANNY_SIGMA, CANNY_LOW, CANNY_HIGH = 1.0, 0.1, 0.2


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
    from scipy.ndimage import distance_transform_edt

    found, ideal = (canny(image, CANNY_SIGMA, CANNY_LOW, CANNY_HIGH) for image in (estimate, reference))
    if not ideal.any():
        return float(not found.any())
    distances = distance_transform_edt(~ideal)[found]
    return float(np.sum(1 / (1 + ALPHA * distances**2)) / max(found.sum(), ideal.sum()))


FOM = Metric(
    name="fom",
    title="Pratt's figure of merit",
    function=figure_of_merit,
    needs=("reference",),
    better="higher",
    unit="",
    spec="sum 1 / (1 + d^2 / 9) / max(Nd, Ni), Canny as in scikit-image (sigma 1, thresholds 0.1 and 0.2) on y and x",
)
