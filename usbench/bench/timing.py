"""The timing lane: serial, warmed up, synchronised, on every core, after all quality runs."""

import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from usbench import registry
from usbench.bench.plan import Unit
from usbench.bench.store import Store
from usbench.bench.worker import reporter
from usbench.core.errors import UsbenchError, sentence
from usbench.core.parameters import values_json
from usbench.evaluation.evaluate import Row, to_domain
from usbench.evaluation.limits import cores, time_limit
from usbench.evaluation.provenance import hardware
from usbench.evaluation.sample_cache import load_sample

WARM_UP = 1
LEAST_REPEATS, MOST_REPEATS = 5, 50
SECONDS = 1.0  # repeat until this much time is measured, within the bounds above

TIMING_COLUMNS = (
    "method",
    "params",
    "origin",
    "dataset",
    "split",
    "sample",
    "height",
    "width",
    "device",
    "hardware",
    "threads",
    "repeat",
    "latency_ms",
    "status",
    "reason",
)


def timing_units(units: Sequence[Unit]) -> dict[str, Unit]:
    """Return, by timing key, one unit per method and data set: its first sample is what is timed."""
    firsts = {(unit.method, unit.dataset): unit for unit in reversed(units) if unit.start == 0}
    ordered = [unit for unit in units if firsts.get((unit.method, unit.dataset)) is unit]
    return {_timing_key(unit): unit for unit in ordered}


def time_unit(unit: Unit, key: str, store: Store) -> None:
    """Time the unit's method on the first sample of its data set and write a row per repeat."""
    try:
        sample_row, latencies = _measure(unit)
    except UsbenchError as error:
        write_failed_time(unit, key, store, str(error))
        return
    shared = {**_shared(unit), **sample_row, "status": "ok", "reason": ""}
    rows = [{**shared, "repeat": number, "latency_ms": latency} for number, latency in enumerate(latencies)]
    store.write(key, rows, TIMING_COLUMNS, lane="timing")


def write_failed_time(unit: Unit, key: str, store: Store, reason: str) -> None:
    """Write the row of a method that could not be timed."""
    store.write(key, [{**_shared(unit), "status": "failed", "reason": reason}], TIMING_COLUMNS, lane="timing")


def _shared(unit: Unit) -> Row:
    shared = {name: unit.about[name] for name in ("method", "params", "origin", "dataset", "split", "device")}
    return shared | {"hardware": hardware(unit.device), "threads": cores()}


def latencies_ms(call: Callable[[], Any], synchronise: Callable[[], None] = lambda: None) -> list[float]:
    """Return the durations of repeated calls in ms, after warm-up calls that are not counted."""
    for _ in range(WARM_UP):
        call()
    synchronise()
    found: list[float] = []
    while len(found) < LEAST_REPEATS or (sum(found) < 1e3 * SECONDS and len(found) < MOST_REPEATS):
        before = time.perf_counter()
        call()
        synchronise()
        found.append(1e3 * (time.perf_counter() - before))
    return found


def _measure(unit: Unit) -> tuple[Row, list[float]]:
    import torch

    method = registry.load_method(unit.method)
    sample = load_sample(registry.load_dataset(unit.dataset, split=unit.split), 0)
    image = torch.from_numpy(np.array(sample.image))[None, None].to(unit.device)
    image, _ = to_domain(method, image, sample)
    synchronise = torch.cuda.synchronize if unit.device.startswith("cuda") else lambda: None
    calls = WARM_UP + MOST_REPEATS
    try:
        with time_limit(unit.seconds_per_image * calls, f"Timing {method.label}", reporter()):
            method.prepare(unit.device)
            latencies = latencies_ms(lambda: method.despeckle(image), synchronise)
    except UsbenchError:
        raise
    except Exception as error:  # a stranger's method may raise anything
        raise UsbenchError(f"{method.label} raised {sentence(error)}") from error
    height, width = sample.image.shape
    return {"sample": sample.id, "height": height, "width": width}, latencies


def _timing_key(unit: Unit) -> str:
    protocol = [WARM_UP, LEAST_REPEATS, MOST_REPEATS, SECONDS]
    about = {name: value for name, value in unit.about.items() if name not in ("specs", "tuning")}
    about |= {"hardware": hardware(unit.device), "threads": cores(), "protocol": protocol}
    return hashlib.sha256(values_json(about).encode()).hexdigest()[:24]
