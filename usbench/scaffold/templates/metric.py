"""My metric: what it measures, and its paper."""

import numpy as np

import usbench


def my_metric(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return the root of the mean squared error, :math:`\sqrt{\overline{(y - x)^2}}`.

    Replace the formula with yours.

    Parameters
    ----------
    estimate, reference
        float64 arrays of the same shape in [0, 1].
    """
    return float(np.sqrt(np.mean((estimate - reference) ** 2)))


MY_METRIC = usbench.Metric(
    name="my_metric",
    title="My metric",
    function=my_metric,
    needs=("reference",),  # arguments after the estimate; see `usbench.Metric`
    better="lower",
    unit="",
    spec="sqrt(mean((y - x)^2)), grey range [0, 1]",  # the definition, kept in every row of results
)
