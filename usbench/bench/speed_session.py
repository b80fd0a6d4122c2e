"""What pytest-benchmark runs to time one method: see `speed.py`, which starts it in a process of its own.

Each test stands for one size; what is not a time goes into `extra_info`.
"""

import json
import os
import time

import numpy as np
import pytest

from usbench import registry
from usbench.bench.network_size import work_of
from usbench.bench.peak_memory import PeakMemory
from usbench.evaluation.evaluate import to_domain
from usbench.evaluation.limits import bound_threads
from usbench.evaluation.sample_cache import load_sample
from usbench.runtime.malloc import keep_freed_memory

SETTINGS = json.loads(os.environ.get("USBENCH_SPEED", "{}"))
DEVICE = SETTINGS.get("device", "cpu")
IMAGES = "phantom+psf"  # its first image, continued by mirroring: speckle, edges and wires as methods meet them


@pytest.fixture(scope="module")
def method():
    """The method that is timed, not ready yet."""
    keep_freed_memory()
    bound_threads(SETTINGS["threads"])
    return registry.load_method(SETTINGS["method"])


@pytest.fixture(scope="module")
def prepare_s(method):
    """Seconds that the method took to get ready; what later tests time is ready."""
    before = time.perf_counter()
    method.prepare(DEVICE)
    return time.perf_counter() - before


def images(method, size: int, count: int):
    """Return a batch (count, 1, size, size) in the method's domain, on the device."""
    import torch

    sample = load_sample(registry.load_dataset(IMAGES, split="test"), 0)
    margins = [(0, max(0, size - extent)) for extent in sample.image.shape]
    plane = np.pad(sample.image, margins, mode="symmetric")[:size, :size]
    batch = torch.from_numpy(np.repeat(plane[None, None], count, axis=0)).to(DEVICE)
    return to_domain(method, batch, sample)[0]


@pytest.mark.parametrize("size", SETTINGS.get("sizes", []))
def test_latency(benchmark, method, prepare_s, size):
    """One image a call; how much memory and arithmetic it takes is noted beside."""
    batch = images(method, size, 1)
    with PeakMemory(DEVICE) as memory:
        method.despeckle(batch)
    benchmark(method.despeckle, batch)
    work = work_of(method, batch)
    benchmark.extra_info |= {
        "size": size, "batch": 1, "prepare_s": prepare_s, "peak_mib": memory.mib, "device_mib": memory.device_mib,
        "parameters": work.parameters, "macs": work.macs,
    }  # fmt: skip


@pytest.mark.parametrize("count", SETTINGS.get("batches", []))
def test_throughput(benchmark, method, prepare_s, count):
    """Several images a call."""
    size = SETTINGS["batch_size"]
    batch = images(method, size, count)
    benchmark(method.despeckle, batch)
    benchmark.extra_info |= {"size": size, "batch": count, "prepare_s": prepare_s}
