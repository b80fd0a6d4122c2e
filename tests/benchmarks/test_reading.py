"""What reading costs: 1,000 PNG frames through the harness, beside the bare decoding of the same files.

Run with `pytest tests/benchmarks --benchmark-only`.
"""

import time

import numpy as np
import pytest
from PIL import Image

import usbench

COUNT, DISTINCT, SHAPE = 1000, 20, (540, 800)


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """Speckle does not compress, so decoding costs what it costs on real images."""
    folder = tmp_path_factory.mktemp("frames")
    rng = np.random.default_rng(0)
    for number in range(DISTINCT):
        image = np.clip(60 * rng.rayleigh(1, SHAPE), 0, 255).astype(np.uint8)
        Image.fromarray(image).save(folder / f"{number:04d}.png")
    return folder


def decode(files) -> float:
    """Decode and scale, as little as anyone can do: the mean is only there to use the pixels."""
    total = 0.0
    for number in range(COUNT):
        with Image.open(files[number % DISTINCT]) as file:
            total += float((np.asarray(file) / np.float32(255))[0, 0])
    return total


def prepare(dataset) -> float:
    total = 0.0
    for number in range(COUNT):
        total += float(dataset[number % DISTINCT].image[0, 0])
    return total


@pytest.mark.benchmark(group="1,000 PNG frames of 800 x 540")
def test_reading_frames_is_limited_by_decoding(benchmark, frames):
    dataset = usbench.load_dataset(f"folder:{frames}")
    files = sorted(frames.iterdir())
    seconds = {"decoding": [], "harness": []}

    def both():
        before = time.perf_counter()
        decode(files)
        between = time.perf_counter()
        prepare(dataset)
        seconds["decoding"].append(between - before)
        seconds["harness"].append(time.perf_counter() - between)

    benchmark.pedantic(both, rounds=3, warmup_rounds=1)
    added = np.median(np.array(seconds["harness"][1:]) - np.array(seconds["decoding"][1:]))
    part = added / np.median(seconds["decoding"][1:])
    benchmark.extra_info["part_of_decoding"] = part
    assert part < 0.2
