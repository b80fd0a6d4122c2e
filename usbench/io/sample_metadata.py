"""What of a sample is no picture, as a JSON object beside its pictures."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from usbench.core.sample import Rois, Sample


def record(sample: Sample) -> dict[str, Any]:
    """Return a sample's id, group, spacing and dynamic range, and the names and roles of its regions."""
    return {
        "id": sample.id,
        "group": sample.group,
        "spacing": sample.spacing,
        "dynamic_range_db": sample.dynamic_range_db,
        "masks": list(sample.rois.masks),
        "contrast": sample.rois.contrast,
        "homogeneous": sample.rois.homogeneous,
        "points": [[int(place) for place in point] for point in sample.rois.points],
    }


def truth_hash(sample: Sample) -> str:
    """Return 16 hex digits over what a sample is judged by: its reference, its regions and the rest of its record."""
    digest = hashlib.sha256(json.dumps(record(sample), sort_keys=True).encode())
    if sample.reference is not None:
        digest.update(np.ascontiguousarray(sample.reference, dtype="<f4").data)
    for mask in sample.rois.masks.values():
        digest.update(np.packbits(mask).data)
    return digest.hexdigest()[:16]


def recorded(
    about: Mapping[str, Any], image: np.ndarray, reference: np.ndarray | None, masks: Iterable[np.ndarray]
) -> Sample:
    """Return the sample of a record and its pictures; `masks` are in the order of their names in the record.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the record is damaged.
    """
    return Sample(
        id=about["id"],
        image=image,
        reference=reference,
        rois=Rois(
            dict(zip(about["masks"], masks, strict=True)),
            tuple((target, background) for target, background in about["contrast"]),
            tuple(about["homogeneous"]),
            tuple((row, column) for row, column in about["points"]),
        ),
        group=about["group"],
        spacing=tuple(about["spacing"]) if about["spacing"] else None,
        dynamic_range_db=about["dynamic_range_db"],
    )
