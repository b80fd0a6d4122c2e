"""The images of a sample for pictures and figures: input, reference and each method's result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from usbench.core.dataset import Dataset
from usbench.core.errors import UsageError
from usbench.core.method import Method
from usbench.core.sample import Sample
from usbench.evaluation.evaluate import despeckle_sample
from usbench.evaluation.sample_cache import load_sample


@dataclass(frozen=True)
class Panels:
    """A sample and its images, (H, W) in [0, 1], by caption, in the order in which they are shown."""

    sample: Sample
    images: Mapping[str, np.ndarray]


def panels(methods: Sequence[Method], dataset: Dataset, index: int) -> Panels:
    """Return input, reference if there is one, and each method's result on sample number `index`.

    Methods are prepared on the CPU.

    Raises
    ------
    UsageError
        If the data set has no such sample.
    """
    if not 0 <= index < len(dataset):
        raise UsageError(f"The data set {dataset.label} has {len(dataset)} samples in the split {dataset.split!r}.")
    sample = load_sample(dataset, index)
    images = untouched(sample)
    for method in methods:
        method.prepare("cpu")
        images[method.label] = despeckle_sample(method, sample)
    return Panels(sample, images)


def untouched(sample: Sample) -> dict[str, np.ndarray]:
    """Return input and, if there is one, reference of a sample, by caption."""
    images = {"input": sample.image}
    if sample.reference is not None:
        images["reference"] = sample.reference
    return images
