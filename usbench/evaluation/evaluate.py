"""Evaluate a method on samples: a row of results per sample."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from usbench import registry
from usbench.core.dataset import Dataset
from usbench.core.errors import MethodError, PluginError, UsbenchError, reason
from usbench.core.method import Method
from usbench.core.metric import Metric
from usbench.core.parameters import values_json
from usbench.core.sample import Sample
from usbench.core.source_hash import source_hash
from usbench.evaluation.checked_estimate import checked_estimate
from usbench.evaluation.limits import LOADING_SECONDS, Guard, contained, seconds_for, time_limit
from usbench.evaluation.provenance import commit, library_versions
from usbench.evaluation.sample_cache import data_hash, load_sample
from usbench.io.sample_metadata import truth_hash
from usbench.runtime.malloc import keep_freed_memory
from usbench.ultrasound.bmode import log_compress, log_expand

if TYPE_CHECKING:
    import pandas as pd
    import torch

Row = dict[str, Any]

# The version of the harness: conversion of domains, clipping, compression, and calls of methods and metrics. Raise it
# if rows change.
PROTOCOL = 1

# The columns of a row of results, in order; after them one column of floats per metric (NaN where there is no value).
COLUMNS = (
    "method",  # label: name with the parameters that differ from the defaults
    "params",  # JSON of every parameter
    "version",  # of the method
    "weights_hash",  # empty for methods without trained weights
    "trained_on",  # JSON: what its card, or that of its weights, says it was trained on
    "tuning",  # JSON of split, images, metric, trials and data_hash if `usbench tune` chose the parameters; else empty
    "domain",  # display or envelope
    "device",
    "dataset",  # label
    "kind",  # clean, simulated or real
    "dataset_version",
    "data_hash",  # of label, version and content of the data set
    "split",
    "metric_versions",  # JSON: metric -> its version
    "protocol",  # of the harness, see PROTOCOL
    "origin",  # distribution and object, or file; this and the next three are provenance
    "source_hash",  # of the method's module, see `usbench.core.source_hash`
    "libraries",  # JSON: library -> its version
    "commit",  # of usbench's source tree; empty outside a checkout, with "+" if there were local changes
    "sample",
    "group",
    "input_hash",  # pixels that the method was given; empty if they could not be loaded
    "truth_hash",  # reference and regions that the result was judged by; empty if they could not be loaded
    "status",  # ok or failed
    "reason",  # why it failed; empty if ok
    "specs",  # JSON: metric -> its definition
    "skipped",  # JSON: metric -> why it does not apply
    "failures",  # JSON: metric -> why it could not be computed
)


# Columns of provenance. They are shown and compared, and are not in keys.
PROVENANCE = ("source_hash", "libraries", "commit")


def evaluate(
    method: Method,
    dataset: Dataset,
    metrics: Sequence[Metric] | None = None,
    *,
    device: str = "cpu",
    seconds_per_image: float | None = None,
) -> "pd.DataFrame":
    """Despeckle every sample of a data set and judge the results.

    Parameters
    ----------
    method
        A method; it is prepared on `device` first.
    dataset
        Any data set; see `usbench.load_dataset`.
    metrics
        All that are not slow if None. Values that do not apply to a sample are NaN, with the reason in `skipped`.
    device
        `cpu`, `cuda` or another device of torch.
    seconds_per_image
        Time limit of an image. If None, it is the method's own or 120.

    Returns
    -------
    pandas.DataFrame
        A row per sample: the columns of `COLUMNS`, then one per metric.
    """
    import pandas as pd

    keep_freed_memory()
    chosen = list(metrics) if metrics is not None else default_metrics()
    about = describe(method, dataset, chosen, device=device)
    seconds = seconds_for(method, seconds_per_image)
    rows = judge(method, dataset, range(len(dataset)), chosen, about, seconds_per_image=seconds)
    return pd.DataFrame(list(rows), columns=[*COLUMNS, *(metric.name for metric in chosen)])


def default_metrics() -> list[Metric]:
    """Return all registered metrics that load, except slow ones."""
    return [metric for metric in registry.working("metrics").values() if metric.by_default]


def describe(
    method: Method, dataset: Dataset, metrics: Sequence[Metric], *, device: str, origin: str = "", tuning: str = ""
) -> Row:
    """Return the columns that are the same for all samples of a data set."""
    return {
        "method": method.label,
        "params": values_json(method.values()),
        "version": method.version,
        "weights_hash": method.weights_hash(),
        "trained_on": json.dumps(list(method.card.trained_on)),
        "tuning": tuning,
        "domain": method.card.domain,
        "device": device,
        "dataset": dataset.label,
        "kind": dataset.kind,
        "dataset_version": dataset.version,
        "data_hash": data_hash(dataset),
        "split": dataset.split,
        "specs": values_json({metric.name: metric.spec for metric in metrics}),
        "metric_versions": values_json({metric.name: metric.version for metric in metrics}),
        "protocol": PROTOCOL,
        "origin": origin or f"{type(method).__module__}:{type(method).__qualname__}",
        "source_hash": source_hash(type(method)),
        "libraries": values_json(library_versions()),
        "commit": commit(),
    }


def judge(
    method: Method,
    dataset: Dataset,
    indices: Sequence[int],
    metrics: Sequence[Metric],
    about: Row,
    *,
    seconds_per_image: float,
    guard: Guard | None = None,
    image_done: Callable[[], None] = lambda: None,
) -> Iterable[Row]:
    """Yield a row per sample; errors are recorded in the row."""
    unready = _prepare(method, about["device"], seconds_per_image, guard)
    ids = dataset.ids()
    for index in indices:
        row = {**about, **_blank(ids[index])}
        try:
            sample = _load(dataset, index, guard)
            missing = _missing(metrics, sample)
            row |= {
                "group": sample.group,
                "input_hash": sample.input_hash,
                "truth_hash": truth_hash(sample),
                "skipped": json.dumps(missing),
            }
            if unready:
                raise MethodError(unready)
            with time_limit(seconds_per_image, method.label, guard), contained(method.label):
                estimate = despeckle_sample(method, sample, about["device"])
                answer = _answer(method, sample, about["device"])
        except UsbenchError as error:
            yield {**row, "status": "failed", "reason": reason(error)}
        else:
            applicable = [metric for metric in metrics if metric.name not in missing]
            yield {**row, **_measure(estimate, sample, applicable, answer, guard)}
        image_done()


def failed_rows(dataset: Dataset, indices: Sequence[int], about: Row, reason: str) -> list[Row]:
    """Return failed rows for samples whose process died."""
    ids = dataset.ids()
    return [{**about, **_blank(ids[index]), "status": "failed", "reason": reason} for index in indices]


def despeckle_sample(method: Method, sample: Sample, device: str = "cpu") -> np.ndarray:
    """Return the despeckled display image of a sample, float32 in [0, 1].

    A method of the envelope domain gets the envelope: the image expanded by its dynamic range, or the image itself if
    grey is linear. Its result is compressed again. Values outside [0, 1] are clipped.

    Raises
    ------
    MethodError
        If the method raises or returns anything but a finite image of the same shape.
    """
    return np.clip(despeckle_array(method, np.array(sample.image), sample.dynamic_range_db, device), 0, 1)


def despeckle_array(method: Method, image: np.ndarray, range_db: float | None, device: str = "cpu") -> np.ndarray:
    """Return a despeckled display image before it is clipped; see `despeckle_sample`.

    Parameters
    ----------
    method
        Prepared on `device`.
    image
        (axial, lateral), float32 in [0, 1]; the method may overwrite it, and the result may share its memory.
    range_db
        Dynamic range of the log compression, None if grey is linear.
    """
    import torch

    tensor, expanded_db = to_domain(method, torch.from_numpy(image)[None, None].to(device), range_db)
    with contained(method.label):  # a tensor of a class of its own may raise when it is looked at
        plane = checked_estimate(method, _despeckle(method, tensor), tensor)
    return (plane if expanded_db is None else log_compress(plane, expanded_db)).numpy()


def _despeckle(method: Method, image: "torch.Tensor") -> Any:
    """Call the method, and again after freeing cached memory if the device ran out of it."""
    import torch

    try:
        return method.despeckle(image)
    except torch.cuda.OutOfMemoryError:
        pass  # leave the handler: the exception keeps the method's memory
    torch.cuda.empty_cache()
    try:
        return method.despeckle(image)
    except torch.cuda.OutOfMemoryError:
        height, width = image.shape[2:]
        message = f"{method.label} ran out of memory on {image.device} for {height} x {width} pixels"
        raise MethodError(f"{message}; use fewer --workers.") from None


def to_domain(method: Method, image: "torch.Tensor", range_db: float | None) -> "tuple[torch.Tensor, float | None]":
    """Return the input of the method, and the dynamic range in dB if it is an expanded envelope."""
    if method.card.domain == "display" or range_db is None:
        return image, None
    return log_expand(image, range_db), range_db


def _prepare(method: Method, device: str, seconds: float, guard: Guard | None) -> str:
    """Prepare the method; return the error, or an empty string."""
    what = f"Preparing {method.label} on {device}"
    try:
        with time_limit(10 * seconds, what, guard), contained(what):
            method.prepare(device)
    except UsbenchError as error:
        return reason(error)
    return ""


def _load(dataset: Dataset, index: int, guard: Guard | None) -> Sample:
    what = f"{dataset.label}, loading sample {index},"
    with time_limit(LOADING_SECONDS, what, guard), contained(what):
        sample = load_sample(dataset, index)
        if not isinstance(sample, Sample):
            raise PluginError(f"{dataset.label} returned {type(sample).__name__} where a sample is expected.")
        return sample


def _missing(metrics: Sequence[Metric], sample: Sample) -> dict[str, str]:
    """Return why metrics do not apply to a sample, by name."""
    found = {}
    for metric in metrics:
        with contained(f"{metric.name}, asked whether it applies,"):
            if lacking := metric.missing(sample):
                found[metric.name] = lacking
    return found


def _answer(method: Method, sample: Sample, device: str) -> np.ndarray | None:
    """Return the result for the sample's image with lesions, or None if there is no such image."""
    if sample.lesions is None:
        return None
    return despeckle_sample(method, replace(sample, image=sample.lesions.image, lesions=None), device)


def _measure(
    estimate: np.ndarray,
    sample: Sample,
    metrics: Sequence[Metric],
    with_lesions: np.ndarray | None = None,
    guard: Guard | None = None,
) -> Row:
    values: Row = {}
    failures: dict[str, str] = {}
    try:
        with time_limit(
            LOADING_SECONDS, "Measuring", guard
        ):  # of all metrics: a limit for each would cost milliseconds
            for metric in metrics:
                try:
                    with contained(metric.name):
                        values[metric.name] = float(metric(estimate, sample, with_lesions))
                except UsbenchError as error:
                    failures[metric.name] = reason(error)
    except MethodError as error:
        failures |= {metric.name: reason(error) for metric in metrics if metric.name not in values | failures}
    failures |= {name: "the value is not a number" for name, value in values.items() if value != value}
    return {**values, "status": "ok", "failures": json.dumps(failures)}


def _blank(sample_id: str) -> Row:
    empty = {"group": sample_id, "input_hash": "", "truth_hash": "", "reason": "", "skipped": "{}", "failures": "{}"}
    return {"sample": sample_id, **empty}
