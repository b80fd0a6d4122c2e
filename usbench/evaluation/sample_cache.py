"""Simulated samples, made once and kept on disk."""

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
from usbench.core.sample import Sample
from usbench.core.simulated_set import Product
from usbench.core.source_hash import code_hash
from usbench.io.atomic_write import write_whole
from usbench.io.sample_metadata import record, recorded


def data_hash(dataset: Dataset) -> str:
    """Return 16 hex digits over all that decides what a data set's samples are, whatever its split or count."""
    parts: list[object] = [dataset.label, dataset.version, dataset.content_hash()]
    if isinstance(dataset, Product):
        parts += [code_hash(type(dataset.source)), code_hash(type(dataset.simulator)), code_hash(Product)]
    else:
        parts.append(code_hash(type(dataset)))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def load_sample(dataset: Dataset, index: int) -> Sample:
    """Return a sample; a simulated one comes from the cache, where it is put when it is made.

    The cache (`USBENCH_CACHE`, else the user's cache folder) is a convenience: if it cannot be read or written, the
    sample is made again.
    """
    if dataset.kind != "simulated":
        return dataset[index]
    file = cache_folder() / data_hash(dataset) / dataset.split / f"{dataset.ids()[index].replace('/', '_')}.npz"
    try:
        return _read(file)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        sample = dataset[index]
        _keep(sample, file)
        return sample


def cache_folder() -> Path:
    """Return the folder of kept samples."""
    given = os.environ.get("USBENCH_CACHE")
    return Path(given) if given else user_cache_path("usbench") / "samples"


def _keep(sample: Sample, file: Path) -> None:
    about = {**record(sample), "input_hash": sample.input_hash}
    arrays: dict[str, Any] = {f"mask{n}": np.packbits(mask) for n, mask in enumerate(sample.rois.masks.values())}
    if sample.reference is not None:
        arrays["reference"] = sample.reference
    try:
        stream = io.BytesIO()
        np.savez(stream, image=sample.image, about=np.array(json.dumps(about)), **arrays)
        write_whole(file, stream.getvalue(), durable=False)
    except OSError:
        return


def _read(file: Path) -> Sample:
    with np.load(file, allow_pickle=False) as kept:
        about = json.loads(str(kept["about"]))
        image = kept["image"]
        packed = (kept[f"mask{n}"] for n in range(len(about["masks"])))
        masks = (np.unpackbits(bits, count=image.size).astype(bool).reshape(image.shape) for bits in packed)
        sample = recorded(about, image, kept.get("reference", None), masks)
    if sample.input_hash != about["input_hash"]:
        raise ValueError("The kept sample is damaged.")
    return sample
