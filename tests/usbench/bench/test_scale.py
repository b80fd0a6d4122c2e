"""A plan of a million images and the scan of a store that has all of them, in seconds and little memory."""

import json
import subprocess
import sys

import pytest

# 200 methods x 50 sets x 100 images are a million rows in 70,000 units; smaller ones show how it grows.
SIZES = ((2, 50), (20, 50), (200, 50))
PLAN_AND_SCAN = """
import json, resource, sys, time
from pathlib import Path
from usbench import registry
from usbench.bench.plan import make_plan
from usbench.bench.store import Store

folder, methods, sets = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
metrics = [metric.name for metric in registry.working("metrics").values() if metric.by_default]
names = [f"gaussian[sigma={1 + number / 1000}]" for number in range(methods)]
datasets = [f"phantom[count=100]+gamma[looks={1 + number}]" for number in range(sets)]
registry.load_method("gaussian"), registry.load_dataset(datasets[0])
started = time.perf_counter()
units = make_plan(names, datasets, metrics)
planned = time.perf_counter()

store = Store(folder)
row = {**units[0].about, "sample": "s", "status": "ok", "reason": "", **dict.fromkeys(metrics, 0.5)}
store.write("1", [row] * 16, list(row))
one = (folder / "units" / "1.parquet").read_bytes()
for unit in units:
    (folder / "units" / f"{unit.key}.parquet").write_bytes(one)
begun = time.perf_counter()
damaged = store.set_aside_damaged("units", [unit.key for unit in units])
missing = [unit for unit in units if not store.has(unit.key)]
scanned = time.perf_counter()
assert not damaged and not missing
rows = sum(len(unit.indices) for unit in units)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({"rows": rows, "units": len(units), "plan_s": planned - started, "scan_s": scanned - begun,
                  "peak_gib": peak}))
"""


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
