"""Freed memory is kept for the next image, unless the user has said otherwise."""

import os
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
import usbench
from usbench.runtime.malloc import keep_freed_memory

keep_freed_memory()
method = usbench.load_method("lee")
method.prepare("cpu")
image = np.random.default_rng(0).random((1024, 1024), dtype=np.float32)
for _ in range(3):
    method.despeckle_plane(image)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    method.despeckle_plane(image)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 10)
"""
PEAK = """
import numpy as np
from usbench.bench.peak_memory import PeakMemory
from usbench.runtime.malloc import keep_freed_memory

assert keep_freed_memory()
for _ in range(3):
    np.ones(3_000_000)  # 23 MiB, kept when it is left
with PeakMemory("cpu") as memory:
    np.ones(3_000_000)
print(int(memory.mib))
"""


def number_from(script: str, **environment: str) -> int:
    known = {**os.environ, **environment}
    run = subprocess.run([sys.executable, "-c", script], env=known, capture_output=True, text=True, check=True)
    return int(run.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc's malloc is asked to keep memory")
class TestHeap:
    def test_the_next_image_is_filtered_in_memory_that_the_process_has(self):
        pages = 1024 * 1024 * 4 // 4096
        assert number_from(FAULTS) < pages // 10
        assert number_from(FAULTS, MALLOC_TRIM_THRESHOLD_="131072", MALLOC_MMAP_THRESHOLD_="131072") > pages

    def test_memory_that_was_kept_is_counted_to_the_call_that_uses_it(self):
        assert 22 <= number_from(PEAK) <= 26
