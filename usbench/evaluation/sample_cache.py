"""Cache of simulated samples on disk."""

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path

from usbench.core.dataset import Dataset
from usbench.core.inserted_set import InsertedSet
from usbench.core.sample import Sample
from usbench.core.simulated_set import SimulatedSet
from usbench.core.source_hash import source_hash
from usbench.core.untrusted import file_name
from usbench.io.atomic_write import write_whole
from usbench.io.sample_metadata import sample_from_metadata, sample_metadata


def data_hash(dataset: Dataset) -> str:
    """Return a hash of 16 hex digits of a data set: its label, version and content of files."""
    parts = [dataset.label, dataset.version, dataset.content_hash()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def load_sample(dataset: Dataset, index: int) -> Sample:
    """Return a sample; simulated ones are kept in the cache.

    The cache is in `USBENCH_CACHE`, else the user's cache folder. If it cannot be read or written, samples are made
    again.
    """
    if isinstance(dataset, InsertedSet):
        return dataset.insert(load_sample(dataset.source, index))
    if dataset.kind != "simulated":
        return dataset[index]
    sample_id = dataset.ids()[index]
    file = cache_folder() / _set_folder(dataset) / dataset.split / f"{file_name(sample_id)}.npz"
    try:
        return _read(file, sample_id)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        sample = dataset[index]
        _keep(sample, file)
        return sample


def cache_folder() -> Path:
    """Return the folder of the cache."""
    given = os.environ.get("USBENCH_CACHE")
    return Path(given) if given else user_cache_path("usbench") / "samples"


def _set_folder(dataset: Dataset) -> str:
    """Return the folder of a set. Its name has a hash of the source code, so that developers see no stale samples."""
    parts = (dataset.source, dataset.simulator) if isinstance(dataset, SimulatedSet) else (dataset,)
    return "-".join([data_hash(dataset), *(source_hash(type(part))[:8] for part in parts)])


def _keep(sample: Sample, file: Path) -> None:
    about = {**sample_metadata(sample), "input_hash": sample.input_hash}
    arrays: dict[str, Any] = {f"mask{n}": np.packbits(mask) for n, mask in enumerate(sample.rois.masks.values())}
    if sample.reference is not None:
        arrays["reference"] = sample.reference
    try:
        stream = io.BytesIO()
        np.savez(stream, image=sample.image, about=np.array(json.dumps(about)), **arrays)
        write_whole(file, stream.getvalue(), durable=False)
    except OSError:
        return


def _read(file: Path, sample_id: str) -> Sample:
    with np.load(file, allow_pickle=False) as kept:
        about = json.loads(str(kept["about"]))
        image = kept["image"]
        packed = (kept[f"mask{n}"] for n in range(len(about["masks"])))
        masks = (np.unpackbits(bits, count=image.size).astype(bool).reshape(image.shape) for bits in packed)
        sample = sample_from_metadata(about, image, kept.get("reference", None), masks)
    if sample.input_hash != about["input_hash"] or sample.id != sample_id:
        raise ValueError("The cached sample is damaged.")
    return sample
