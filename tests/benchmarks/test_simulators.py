"""Frames a minute of the convolution model.

Run with `pytest tests/benchmarks --benchmark-only`.
"""

import numpy as np
import pytest

import usbench

SPECS = ("psf", "psf[attenuation_db=20,divergence=4]", "psf[geometry=convex,attenuation_db=20,log_law=true]", "varied")


@pytest.mark.benchmark(group="a frame of 256 x 256 pixels")
@pytest.mark.parametrize("spec", SPECS)
def test_hundreds_of_frames_a_minute(benchmark, spec):
    simulator = usbench.load_simulator(spec)
    clean = usbench.load_dataset("contrast-speckle", count=1)[0]
    rng = np.random.default_rng(0)
    benchmark.pedantic(lambda: simulator.simulate_sample(clean, rng), rounds=20, warmup_rounds=2)
    frames = 60 / benchmark.stats.stats.median
    benchmark.extra_info["frames_per_minute"] = round(frames)
    assert frames > 200
