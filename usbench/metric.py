"""The contract of a metric."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from usbench.sample import Sample

Need = Literal["reference", "input", "contrast", "homogeneous"]
Better = Literal["higher", "lower", "one"]


@dataclass(frozen=True)
class Metric:
    """A number that judges one despeckled image.

    Attributes
    ----------
    name
        Under which the value stands in rows and tables.
    function
        Called as `function(estimate, *arguments)`, with the arguments that `needs` names, in that order: "reference"
        and "input" give an image, "homogeneous" a mask, "contrast" two masks (target, background). Images are float64
        arrays in [0, 1]. With ROIs the value is the mean over the sample's regions or pairs.
    needs
        What the function takes besides the estimate. A sample that lacks it is skipped with that reason.
    better
        "higher", "lower", or "one" where 1 is ideal and both sides of it are worse.
    unit
        "dB", or "" for a pure number.
    spec
        Pins the definition (formula, library, options); it stands in every row.
    """

    name: str
    title: str
    function: Callable[..., float]
    needs: tuple[Need, ...]
    better: Better
    unit: str
    spec: str

    def missing(self, sample: Sample) -> str:
        """Return why the metric cannot be computed on the sample; empty if it can."""
        if "reference" in self.needs and sample.reference is None:
            return "no reference"
        if "contrast" in self.needs and not sample.rois.contrast:
            return "no contrast ROIs"
        if "homogeneous" in self.needs and not sample.rois.homogeneous:
            return "no homogeneous ROIs"
        return ""

    def __call__(self, estimate: np.ndarray, sample: Sample) -> float:
        """Return the value for `estimate`, (H, W) in [0, 1], on a sample that `missing` has no objection to."""
        estimate = np.asarray(estimate, dtype=np.float64)
        masks = sample.rois.masks
        regions: list[tuple[np.ndarray, ...]] = [()]
        if "contrast" in self.needs:
            regions = [(masks[target], masks[background]) for target, background in sample.rois.contrast]
        elif "homogeneous" in self.needs:
            regions = [(masks[name],) for name in sample.rois.homogeneous]
        images = {"reference": sample.reference, "input": sample.image}
        planes = [np.asarray(images[need], dtype=np.float64) for need in self.needs if need in images]
        return float(np.mean([self.function(estimate, *planes, *region) for region in regions]))
