"""The dynamic-range test: is a gradient returned as steep as it was?"""

import numpy as np

from usbench.core.metric import Metric
from usbench.core.sample import Sample

REGION = "gradient"  # the mask of a phantom whose grey falls steadily across it


def grey_slope(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return output dB per input dB on a gradient phantom.

    .. math:: \frac{\sum_j (\bar x_j - \bar x)(\bar y_j - \bar y)}{\sum_j (\bar x_j - \bar x)^2}

    the slope of the estimate's column means :math:`\bar y_j` over those of the reference.

    Returns
    -------
    float
        1 if the method keeps the display's dynamic range; above, contrast is stretched; below, it is compressed.

    Notes
    -----
    Methods that stretch contrast gain CNR by it without seeing more.

    References
    ----------
    Rindal, Austeng, Fatemi, Rodriguez-Molares, "The effect of dynamic range alterations in the estimation of contrast",
    IEEE Trans. UFFC 66(7):1198-1208, 2019.
    """
    ideal, found = reference.mean(axis=0), estimate.mean(axis=0)
    centred = ideal - ideal.mean()
    return float(np.sum(centred * (found - found.mean())) / np.sum(centred**2))


def no_gradient(sample: Sample) -> str:
    """Return a reason for samples without a gradient."""
    return "" if REGION in sample.rois.masks else "no gradient phantom"


GREY_SLOPE = Metric(
    name="grey_slope",
    title="Output dB per input dB on a gradient",
    function=grey_slope,
    needs=("reference",),
    better="one",
    unit="",
    spec="least-squares slope of the estimate's column means over the reference's, on phantoms with a gradient",
    undefined=no_gradient,
)
