"""Sample metadata as JSON: everything but the images."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from usbench.core.sample import Rois, Sample


def sample_metadata(sample: Sample) -> dict[str, Any]:
    """Return a sample's id, group, spacing, dynamic range, and the names and roles of its regions."""
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
    """Return a hash of 16 hex digits of the sample's reference, regions and metadata."""
    digest = hashlib.sha256(json.dumps(sample_metadata(sample), sort_keys=True).encode())
    if sample.reference is not None:
        digest.update(np.ascontiguousarray(sample.reference, dtype="<f4").data)
    for mask in sample.rois.masks.values():
        digest.update(np.packbits(mask).data)
    if sample.lesions is not None:
        digest.update(np.ascontiguousarray(sample.lesions.image, dtype="<f4").data)
    return digest.hexdigest()[:16]


def sample_from_metadata(
    about: Mapping[str, Any], image: np.ndarray, reference: np.ndarray | None, masks: Iterable[np.ndarray]
) -> Sample:
    """Return a sample made of metadata and images; `masks` are in the order of their names in the metadata.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the metadata is damaged.
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
