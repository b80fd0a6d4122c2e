"""The images of a sample for pictures and figures: input, reference and each method's result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from usbench.core.dataset import Dataset
from usbench.core.errors import UsageError
from usbench.core.method import Method
from usbench.core.sample import Sample
from usbench.evaluation.evaluate import despeckle_sample
from usbench.evaluation.sample_cache import load_sample


@dataclass(frozen=True)
class Panels:
    """A sample and its images, (H, W) in [0, 1], by caption, in the order in which they are shown.

    `with_lesions` has what the methods make of the image with lesions, where the sample has one and it was asked for.
    """

    sample: Sample
    images: Mapping[str, np.ndarray]
    with_lesions: Mapping[str, np.ndarray] = field(default_factory=dict)


def panels(methods: Sequence[Method], dataset: Dataset, index: int, *, with_lesions: bool = False) -> Panels:
    """Return input, reference if there is one, and each method's result on sample number `index`.

    Methods are prepared on the CPU, and run on the image with lesions too if that is asked for.

    Raises
    ------
    UsageError
        If the data set has no such sample.
    """
    if not 0 <= index < len(dataset):
        raise UsageError(f"The data set {dataset.label} has {len(dataset)} samples in the split {dataset.split!r}.")
    sample = load_sample(dataset, index)
    images = untouched(sample)
    inserted = sample.lesions if with_lesions else None
    answers = {"input": inserted.image} if inserted else {}
    for method in methods:
        method.prepare("cpu")
        images[method.label] = despeckle_sample(method, sample)
        if inserted:
            answers[method.label] = despeckle_sample(method, replace(sample, image=inserted.image, lesions=None))
    return Panels(sample, images, answers)


def untouched(sample: Sample) -> dict[str, np.ndarray]:
    """Return input and, if there is one, reference of a sample, by caption."""
    images = {"input": sample.image}
    if sample.reference is not None:
        images["reference"] = sample.reference
    return images
