"""A million rows rank and render in a minute and 4 GB."""

import json
import subprocess
import sys

import pytest

METHODS, SETS, IMAGES, METRICS = 200, 50, 100, 10
RANK_AND_RENDER = f"""
import json, resource, sys, time
from pathlib import Path
import numpy as np, pandas as pd
from usbench import registry
from usbench.board.leaderboards import leaderboards
from usbench.board.page.page import write_page
from usbench.board.page.payload import payload
from usbench.board.rows import current_rows
from usbench.board.tables import write_tables

metrics = {{plugin.name: plugin.target for plugin in registry.plugins("metrics") if not plugin.broken}}
measured = [name for name in metrics if "reference" in metrics[name].needs][:{METRICS}]
methods, sets, images = {METHODS}, {SETS}, {IMAGES}
count = methods * sets * images
method, dataset, image = (part.ravel() for part in np.indices((methods, sets, images)))
rng = np.random.default_rng(0)
texts = lambda codes, names: pd.Series(pd.Categorical.from_codes(codes, names))
same = lambda text: texts(np.zeros(count, int), [text])
names = [("identity" if number == 0 else f"method{{number:03}}") for number in range(methods)]
rows = pd.DataFrame({{
    "method": texts(method, names), "params": texts(method, [json.dumps({{"a": n}}) for n in range(methods)]),
    "tuning": same(""), "dataset": texts(dataset, [f"set{{number}}" for number in range(sets)]), "split": same("test"),
    "kind": same("simulated"), "sample": texts(image, [f"image{{number:03}}" for number in range(images)]),
    "group": texts(image // 2, [f"patient{{number:03}}" for number in range((images + 1) // 2)]), "status": same("ok"),
    "specs": same(json.dumps({{name: metrics[name].spec for name in metrics}})), "failures": same("{{}}"),
    "skipped": same(json.dumps({{name: "no ROIs" for name in metrics if name not in measured}})),
    "key": texts(method * sets + dataset, [f"{{number:024x}}" for number in range(methods * sets)]),
}})
for name in measured:
    rows[name] = 20 + method / 50 + rng.normal(size=count)
out = Path(sys.argv[1])
started = time.perf_counter()
found = leaderboards(current_rows(rows, out), pd.DataFrame(), metrics)
ranked = time.perf_counter()
write_tables(found, out)
write_page(payload(found), out)
done = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({{"rows": count, "rank_s": ranked - started, "render_s": done - ranked, "peak_gib": peak}}))
"""


@pytest.mark.slow
def test_a_million_rows_rank_and_render_in_a_minute_and_four_gigabytes(tmp_path):
    command = [sys.executable, "-c", RANK_AND_RENDER, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(found)
    assert found["rows"] == 1_000_000
    assert found["rank_s"] + found["render_s"] < 60
    assert found["peak_gib"] < 4
    assert "method199" in (tmp_path / "simulated.md").read_text()
