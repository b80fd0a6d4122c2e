"""Plan a run of argv[2] methods on argv[3] sets, fill a store in argv[1] with it, and scan that."""

import json
import resource
import sys
import time
from pathlib import Path

from usbench import registry
from usbench.bench.plan import make_plan
from usbench.bench.store import Store

folder, methods, sets = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
metrics = [metric.name for metric in registry.working("metrics").values() if metric.by_default]
names = [f"gaussian[sigma={1 + number / 1000}]" for number in range(methods)]
datasets = [f"phantom[count=100]+gamma[looks={1 + number}]" for number in range(sets)]
registry.load_method("gaussian")
registry.load_dataset(datasets[0])
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
assert not damaged
assert not missing
rows = sum(len(unit.indices) for unit in units)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(
    json.dumps(
        {"rows": rows, "units": len(units), "plan_s": planned - started, "scan_s": scanned - begun, "peak_gib": peak}
    )
)
