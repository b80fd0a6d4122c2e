"""What the harness costs: identity and PSNR over 1,000 images, beside the same work in a bare loop.

Run with `pytest tests/benchmarks --benchmark-only`. Both stand in one table of one run; the difference of their means
over 1,000 is the cost of an image.
"""

import subprocess
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np
import pytest
import torch

import usbench
from usbench.bench.plan import SLICE
from usbench.bench.store import Store
from usbench.bench.watchdog import Reporter
from usbench.evaluation.evaluate import COLUMNS, describe, judge

COUNT, SIZE = 1000, 256


@dataclass(frozen=True)
class Memory(usbench.Dataset):
    """Images that are in memory already: what is timed is the harness, not the disk."""

    name = "memory"
    card = usbench.DatasetCard(title="Memory", kind="clean", description="noise", splits="one", licence="none")
    split: str = "test"

    def ids(self):
        return IDS

    def load(self, index):
        return usbench.Sample(id=f"{index}", image=IMAGES[index % 16], reference=IMAGES[(index + 1) % 16])


IDS = [f"{n}" for n in range(COUNT)]
IMAGES = np.random.default_rng(0).random((16, SIZE, SIZE)).astype(np.float32)
LISTENER = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
GUARD = Reporter(Connection(LISTENER.stdin.fileno(), readable=False))  # to another process, as in a worker


def bare(method, psnr) -> list[float]:
    values = []
    for index in range(COUNT):
        image, reference = IMAGES[index % 16], IMAGES[(index + 1) % 16]
        estimate = method.despeckle(torch.from_numpy(image)[None, None])[0, 0].numpy()
        values.append(psnr.function(estimate.astype(np.float64), reference.astype(np.float64)))
    return values


def through_the_harness(method, psnr, folder) -> list[float]:
    dataset, store = Memory(), Store(folder)
    about = describe(method, dataset, [psnr], device="cpu")
    values = []
    for start in range(0, COUNT, SLICE):
        indices = range(start, min(start + SLICE, COUNT))
        rows = list(judge(method, dataset, indices, [psnr], about, seconds_per_image=120, guard=GUARD))
        store.write(f"{start:x}", rows, [*COLUMNS, "psnr"])
        values += [row["psnr"] for row in rows]
    return values


@pytest.mark.benchmark(group="identity and PSNR over 1,000 images of 256 x 256", min_rounds=3)
@pytest.mark.parametrize("way", ["bare loop", "harness"])
def test_harness_cost(benchmark, way, tmp_path):
    method, psnr = usbench.load_method("identity"), usbench.load_metric("psnr")
    arguments = (method, psnr) if way == "bare loop" else (method, psnr, tmp_path)
    values = benchmark(bare if way == "bare loop" else through_the_harness, *arguments)
    assert values == bare(method, psnr)


@pytest.mark.benchmark(group="harness minus bare loop")
def test_the_harness_adds_less_than_a_millisecond_an_image(benchmark, tmp_path):
    import time

    method, psnr = usbench.load_method("identity"), usbench.load_metric("psnr")
    seconds = {"bare": [], "harness": []}

    def both():
        before = time.perf_counter()
        bare(method, psnr)
        between = time.perf_counter()
        through_the_harness(method, psnr, tmp_path)
        seconds["bare"].append(between - before)
        seconds["harness"].append(time.perf_counter() - between)

    benchmark.pedantic(both, rounds=5, warmup_rounds=1)
    added = np.median(seconds["harness"][1:]) - np.median(seconds["bare"][1:])
    benchmark.extra_info["added_ms_per_image"] = 1e3 * added / COUNT
    assert 1e3 * added / COUNT < 1.0
