"""Fingerprints of what every plugin returns on two small images: a changed output needs a changed version.

`python tests/every/canaries.py --write NAME [NAME ...]` writes them anew after a version was bumped; `--write all`
writes all of them.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from usbench import registry
from usbench.core.errors import UsbenchError
from usbench.core.lesions import CONTRASTS_DB, InsertedLesions, Lesion
from usbench.core.lesions import SIZES as LESION_SIZES
from usbench.core.rng import generator
from usbench.core.sample import Rois, Sample
from usbench.evaluation.evaluate import despeckle_sample
from usbench.evaluation.limits import bound_threads
from usbench.io.sample_metadata import truth_hash

FILE = Path(__file__).with_name("canaries.json")
SIZES = ((40, 48), (37, 29))
METRIC_SIZES = ((192, 176), (177, 193))  # ms_ssim needs five scales
GRID = 4  # pixels of a fingerprint along each axis
TOLERANCE = 3e-4  # processors differ by some 1e-6 of the grey range, and filters add to it
FEW = {  # plugins that take long at their defaults
    "dip": "dip[iterations=3,width=4]",
    "zs-n2n": "zs-n2n[iterations=3,width=4]",
    "ir-sde": "ir-sde",
    "simus": "simus[density=0.2,waves=1]",
}
NEEDS_FILES = {"folder"}
INEXACT = {"simus"}  # pymust computes in float32; the images that are judged on are shipped

Record = dict[str, Any]


def image(shape: tuple[int, int]) -> np.ndarray:
    """Return a speckled image of a disc on a slope, (H, W) float32 in [0, 1]."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    inside = (rows - shape[0] / 2) ** 2 + (columns - shape[1] / 2) ** 2 < (min(shape) / 4) ** 2
    clean = np.where(inside, 0.75, 0.35) + 0.1 * rows / shape[0]
    noise = generator("canary", *shape).standard_normal(shape)
    return np.clip(clean * (1 + 0.15 * noise), 0, 1).astype(np.float32)


def clean_image(shape: tuple[int, int]) -> np.ndarray:
    """Return the same disc without speckle."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    inside = (rows - shape[0] / 2) ** 2 + (columns - shape[1] / 2) ** 2 < (min(shape) / 4) ** 2
    return np.where(inside, 0.75, 0.35).astype(np.float32)


def judged_sample(shape: tuple[int, int]) -> Sample:
    """Return a sample that has all that metrics need."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    inside = (rows - shape[0] / 2) ** 2 + (columns - shape[1] / 2) ** 2 < (min(shape) / 5) ** 2
    masks = {"disc": inside, "around": rows < shape[0] // 5, "gradient": np.ones(shape, bool)}
    clean, speckled = clean_image(shape).copy(), image(shape).copy()
    points = ((shape[0] // 2, 12), (shape[0] - 14, shape[1] // 2))
    for plane in (clean, speckled):
        for row, column in points:
            plane[row - 1 : row + 2, column - 1 : column + 2] = 1.0
    rois = Rois(masks, (("disc", "around"),), ("around",), points)
    return Sample("canary", speckled, clean, rois, dynamic_range_db=60.0, lesions=lesions_in(speckled))


def lesions_in(speckled: np.ndarray) -> InsertedLesions:
    """Return lesions of all contrasts and sizes on a grid."""
    rows, columns = (np.linspace(22, extent - 23, 4) for extent in speckled.shape)
    lesions = []
    changed = speckled.astype(np.float64)
    for row, contrast_db in zip(rows, CONTRASTS_DB, strict=True):
        for column, size in zip(columns, LESION_SIZES, strict=True):
            lesion = Lesion(row, column, size + 1.0, size + 1.5, 0.3, float(contrast_db), size, 0.9)
            changed[lesion.window(speckled.shape)] += contrast_db / 60 * lesion.profile(speckled.shape)
            lesions.append(lesion)
    shown = np.clip(changed, 0, 1).astype(np.float32)
    return InsertedLesions(shown, tuple(lesions), speckled, ((30, 30, 32), (90, 90, 32)), 2.1, 60.0)


def fingerprint(plane: np.ndarray) -> list[float]:
    """Return mean, standard deviation and pixels on a grid, in four decimals."""
    rows, columns = (np.linspace(2, extent - 3, GRID).round().astype(int) for extent in plane.shape)
    values = [plane.mean(), plane.std(), *plane[np.ix_(rows, columns)].ravel()]
    return [round(float(value), 4) for value in values]


def of_method(name: str) -> Record:
    """Return the canary of a method: in float32 on one thread."""
    target = registry.find("methods", name).target
    exact = {"exact": True} if "exact" in target.defaults() else {}
    method = registry.load_method(FEW.get(name, name), **exact)
    method.prepare("cpu")
    results = [despeckle_sample(method, Sample("canary", image(shape), dynamic_range_db=60.0)) for shape in SIZES]
    about = {"version": method.version, "values": [fingerprint(result) for result in results]}
    return about | ({"weights": method.weights_hash()} if method.weights_hash() else {})


def of_simulator(name: str) -> Record:
    """Return the canary of a simulator: hashes, as its images are the same bytes on every machine."""
    simulator = registry.load_simulator(FEW.get(name, name))
    samples = []
    for shape in SIZES:
        made = simulator.simulate(clean_image(shape), generator("canary", name))
        samples.append(Sample("canary", made.image, made.reference, dynamic_range_db=made.dynamic_range_db))
    values = [_planes(sample) if name in INEXACT else _hashes(sample) for sample in samples]
    about = {"version": simulator.version, "values": values}
    return about | ({"weights": simulator.weights_hash()} if simulator.weights_hash() else {})


def of_dataset(name: str) -> Record:
    """Return the canary of a data set: hashes of its first and its last test sample."""
    dataset = registry.load_dataset(name, split="test")
    return {"version": dataset.version, "values": [_hashes(dataset[index]) for index in (0, -1)]}


def of_metric(name: str) -> Record:
    """Return the canary of a metric: its values for a smoothed and for an untouched image."""
    from scipy.ndimage import gaussian_filter

    metric = registry.load_metric(name)
    values = []
    for shape in METRIC_SIZES:
        sample = judged_sample(shape)
        if reason := metric.missing(sample):
            raise UsbenchError(reason)
        smooth = np.clip(gaussian_filter(sample.image, 1.2), 0, 1)
        with_lesions = np.clip(gaussian_filter(sample.lesions.image, 1.2), 0, 1)
        pairs = ((smooth, with_lesions), (sample.image, sample.lesions.image))
        values.append([float(f"{metric(estimate, sample, answer):.5g}") for estimate, answer in pairs])
    return {"version": metric.version, "values": values}


MAKERS: dict[registry.Kind, Callable[[str], Record]] = {
    "methods": of_method,
    "simulators": of_simulator,
    "datasets": of_dataset,
    "metrics": of_metric,
}


def plugins() -> list[tuple[registry.Kind, str]]:
    """Return every registered plugin that has a canary."""
    return [(kind, name) for kind in registry.KINDS for name in registry.names(kind) if name not in NEEDS_FILES]


def read() -> dict[str, dict[str, Record]]:
    """Return the stored canaries by kind and name."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}


def verdict(stored: Record | None, found: Record) -> str:
    """Return why a plugin's output and its stored canary do not belong together; empty if they do."""
    if stored is None:
        return "has no canary yet: write it"
    if stored["version"] != found["version"]:
        return f"has version {found['version']} and a canary of version {stored['version']}: write it anew"
    if stored.get("weights") != found.get("weights"):
        return "has other weights than its canary: write it anew"
    if not alike(stored["values"], found["values"]):
        return "returns something else than before under the same version: bump the version or mend the change"
    return ""


def alike(stored: list[Any], found: list[Any]) -> bool:
    """Return whether two lists of fingerprints agree: texts exactly, numbers within the tolerance."""
    if len(stored) != len(found):
        return False
    for one, other in zip(stored, found, strict=True):
        if isinstance(one, list):
            if not (isinstance(other, list) and alike(one, other)):
                return False
        elif isinstance(one, str) or isinstance(other, str):
            if one != other:
                return False
        elif not np.isclose(one, other, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True):
            return False
    return True


def _planes(sample: Sample) -> list[float]:
    return [*fingerprint(sample.image), *(fingerprint(sample.reference) if sample.reference is not None else ())]


def _hashes(sample: Sample) -> list[str]:
    return [sample.input_hash, truth_hash(sample)]


def write(names: list[str]) -> None:
    """Write the canaries of the named plugins, or of all."""
    bound_threads(1)
    stored = read()
    known = plugins()
    if unknown := set(names) - {name for _, name in known} - {"all"}:
        raise SystemExit(f"There is no plugin {min(unknown)!r} with a canary.")
    for kind, name in known:
        if name in names or "all" in names:
            try:
                stored.setdefault(kind, {})[name] = MAKERS[kind](name)
            except UsbenchError as error:
                print(f"{name}: {error}")
    lines = {
        kind: {name: json.dumps(record) for name, record in sorted(stored.get(kind, {}).items())} for kind in MAKERS
    }
    blocks = [
        f' "{kind}": {{\n' + ",\n".join(f'  "{name}": {text}' for name, text in records.items()) + "\n }"
        for kind, records in lines.items()
    ]
    FILE.write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the canaries of plugins anew.")
    parser.add_argument("--write", nargs="+", metavar="NAME", required=True, help="plugins, or all")
    write(parser.parse_args().write)
