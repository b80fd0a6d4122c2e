"""A plan of a million images and the scan of a store that has all of them, in seconds and little memory."""

import json
import subprocess
import sys

import pytest
from program_files import program

# 200 methods x 50 sets x 100 images are a million rows in 70,000 units; smaller ones show how it grows.
SIZES = ((2, 50), (20, 50), (200, 50))
PLAN_AND_SCAN = program("plan_and_scan")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_million_rows_are_planned_and_found_in_ten_seconds_each(tmp_path):
    for methods, sets in SIZES:
        command = [sys.executable, "-c", PLAN_AND_SCAN, str(tmp_path / str(methods)), str(methods), str(sets)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        print(found)
    assert found["rows"] == 1_000_000
    assert found["plan_s"] < 10
    assert found["scan_s"] < 10
    assert found["peak_gib"] < 2
