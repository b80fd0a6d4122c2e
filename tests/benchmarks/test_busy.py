"""Each method on a quiet machine, and on one with as many busy processes as cores: medians, and their ratio.

Half of the machine is a method's fair share there, so a ratio of 2 is the best that can be had. More than that is what
its threads lose by waiting for one another.
"""

import statistics
import time
from contextlib import nullcontext

import numpy as np
import pytest
import torch

import usbench
from usbench import registry
from usbench.bench.neighbours import busy_neighbours
from usbench.core.errors import MethodError, PluginError
from usbench.evaluation.limits import time_limit

SIZE = 512  # pixels a side
LONGEST = 10.0  # seconds: a method that takes longer is left out
WATCHED, FEWEST = 1.5, 7  # seconds, calls
WORST = 3.0


def times_of(call, seconds: float = WATCHED) -> list[float]:
    found: list[float] = []
    end = time.perf_counter() + seconds
    while len(found) < FEWEST or time.perf_counter() < end:
        before = time.perf_counter()
        call()
        found.append(1e3 * (time.perf_counter() - before))
    return found


@pytest.mark.parametrize("name", registry.names("methods"))
def test_no_more_is_lost_to_neighbours_than_they_take(benchmark, capsys, name):
    try:
        method = usbench.load_method(name)
        method.prepare("cpu")
    except PluginError as error:
        pytest.skip(str(error))
    noise = np.random.default_rng(0).rayleigh(0.32, (1, 1, SIZE, SIZE))
    image = torch.from_numpy(np.clip(noise, 0, 1).astype(np.float32))
    try:
        for _ in range(2):  # the first call may compile and tune
            with time_limit(LONGEST, name):
                method.despeckle(image)
    except MethodError as error:
        pytest.skip(str(error))
    benchmark.pedantic(method.despeckle, args=(image,), rounds=1)
    medians = []
    for state in ("quiet", "busy"):
        with busy_neighbours() if state == "busy" else nullcontext():
            medians.append(statistics.median(times_of(lambda: method.despeckle(image))))
    quiet, busy = medians
    benchmark.extra_info |= {"quiet": quiet, "busy": busy, "ratio": busy / quiet}
    with capsys.disabled():
        print(f"\n{name:20s} quiet {quiet:9.3f} ms  busy {busy:9.3f} ms  ratio {busy / quiet:5.2f}", end="")
    assert busy <= WORST * quiet
