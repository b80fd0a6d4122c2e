"""The contract of a metric."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from usbench.core.errors import ImageError
from usbench.core.sample import Sample

Need = Literal[
    "reference", "input", "reference_or_input", "response", "contrast", "homogeneous", "points", "dynamic_range",
    "linear_or_range", "lesions",
]  # fmt: skip
Better = Literal["higher", "lower", "one"]


def _always_there() -> str:
    return ""


def _always_defined(sample: Sample) -> str:
    return ""


@dataclass(frozen=True)
class Metric:
    """A number that judges one despeckled image.

    Attributes
    ----------
    name
        The value's name in rows and tables.
    function
        Called as `function(estimate, *arguments)`, with the arguments that `needs` names, in that order. Images are
        float64 arrays in [0, 1]: "reference", "input", and "reference_or_input", the input if there is no
        reference; "response" is what inserted lesions changed in the result, in [-1, 1]. Regions are boolean masks:
        "homogeneous" gives one, "contrast" two (target, background), "points" the (row, column) of a wire; the value is
        the mean over the sample's regions, pairs or points. "dynamic_range" is the dB that [0, 1] stands for,
        "linear_or_range" the same or None where grey is linear in the envelope, and "lesions" what is known of inserted
        lesions. Images come first, then regions, then the others.
    needs
        What the function needs besides the estimate. A sample that lacks it is skipped, with the reason in its row.
    better
        "higher", "lower", or "one" where 1 is ideal and both sides of it are worse.
    unit
        "dB", or "" for a pure number.
    spec
        Pins the definition (formula, library, options); it is written into every row.
    version
        Changes whenever a value does: stored results are identified by it.
    by_default
        Whether it is computed where no metric is named; slow ones are not.
    unavailable
        Returns why the metric cannot be computed on this machine; empty if it can.
    undefined
        Returns why the metric is undefined for a sample that has everything it needs; empty if it is defined. It sees
        the sample and never a result, so that all methods are judged on the same samples.
    """

    name: str
    title: str
    function: Callable[..., float]
    needs: tuple[Need, ...]
    better: Better
    unit: str
    spec: str
    by_default: bool = True
    unavailable: Callable[[], str] = _always_there
    undefined: Callable[[Sample], str] = _always_defined
    version: str = "1"

    def missing(self, sample: Sample) -> str:
        """Return why the metric cannot be computed on the sample; empty if it can."""
        if reason := self.unavailable():
            return reason
        if "reference" in self.needs and sample.reference is None:
            return "no reference"
        if "contrast" in self.needs and not sample.rois.contrast:
            return "no contrast ROIs"
        if "homogeneous" in self.needs and not sample.rois.homogeneous:
            return "no homogeneous ROIs"
        if "points" in self.needs and not sample.rois.points:
            return "no wires"
        if ("lesions" in self.needs or "response" in self.needs) and sample.lesions is None:
            return "no inserted lesions"
        if "dynamic_range" in self.needs and sample.dynamic_range_db is None:
            return "not log-compressed"
        if "linear_or_range" in self.needs and sample.dynamic_range_db is None and sample.reference is None:
            return "the dynamic range is unknown"
        for name in (name for names in self._regions(sample) for name in names):
            if not sample.rois.masks[name].any():
                return f"no pixel in the region {name}"
        return self.undefined(sample)

    def _regions(self, sample: Sample) -> list[tuple[str, ...]]:
        """Return the names of the regions that each call of the function gets."""
        if "contrast" in self.needs:
            return list(sample.rois.contrast)
        return [(name,) for name in sample.rois.homogeneous] if "homogeneous" in self.needs else [()]

    def __call__(self, estimate: np.ndarray, sample: Sample, with_lesions: np.ndarray | None = None) -> float:
        """Return the value for a despeckled image of a sample, for which `missing` must be empty.

        Parameters
        ----------
        estimate
            (H, W) in [0, 1].
        sample
            The sample that was despeckled.
        with_lesions
            The result for the sample's image with lesions, (H, W) in [0, 1]; needed by metrics of lesions.

        Raises
        ------
        ImageError
            If the estimate has another shape than the sample's image, or a value that is not finite.
        """
        estimate = np.asarray(estimate, dtype=np.float64)
        if estimate.shape != sample.image.shape:
            message = f"{self.name}: the estimate has the shape {estimate.shape}, the image {sample.image.shape}."
            raise ImageError(message)
        if not math.isfinite(estimate.sum()):
            raise ImageError(f"{self.name}: the estimate has values that are not finite.")
        regions: list[tuple[Any, ...]] = [
            tuple(sample.rois.masks[name] for name in names) for names in self._regions(sample)
        ]
        if "points" in self.needs:
            regions = [(point,) for point in sample.rois.points]
        either = sample.image if sample.reference is None else sample.reference
        images: dict[str, Any] = {
            "reference": sample.reference, "input": sample.image, "reference_or_input": either,
        }  # fmt: skip
        if "response" in self.needs:
            if with_lesions is None:
                raise ImageError(f"{self.name} needs the result for the image with lesions too.")
            images["response"] = np.asarray(with_lesions, dtype=np.float64) - estimate
        planes = [np.asarray(images[need], dtype=np.float64) for need in self.needs if need in images]
        numbers: list[Any] = [sample.dynamic_range_db] if {"dynamic_range", "linear_or_range"} & set(self.needs) else []
        numbers += [sample.lesions] if "lesions" in self.needs else []
        return float(np.mean([self.function(estimate, *planes, *region, *numbers) for region in regions]))
