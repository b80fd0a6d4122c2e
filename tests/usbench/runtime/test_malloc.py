"""Freed memory is kept for the next image, unless the user has said otherwise."""

import os
import subprocess
import sys

import pytest
from program_files import program

FAULTS = program("page_faults")
PEAK = program("memory_peak")


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
