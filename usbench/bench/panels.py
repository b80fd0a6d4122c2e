"""What pictures show of a sample: input, reference and each method's result."""

from collections.abc import Sequence

import numpy as np

from usbench.bench.evaluate import despeckle_sample
from usbench.bench.samples import load_sample
from usbench.dataset import Dataset
from usbench.errors import UsageError
from usbench.method import Method


def panels(methods: Sequence[Method], dataset: Dataset, index: int) -> dict[str, np.ndarray]:
    """Return images (H, W) in [0, 1] by caption, in the order in which they are shown.

    Parameters
    ----------
    methods
        They are prepared on the CPU.
    dataset, index
        The sample.

    Raises
    ------
    UsageError
        If the data set has no samples.
    """
    if not len(dataset):
        raise UsageError(f"The data set {dataset.label} has no samples in the split {dataset.split!r}.")
    sample = load_sample(dataset, index)
    shown = {f"{dataset.label}: input": sample.image}
    if sample.reference is not None:
        shown["reference"] = sample.reference
    for method in methods:
        method.prepare("cpu")
        shown[method.label] = despeckle_sample(method, sample)
    return shown
