"""Large stores: time and memory of planning, comparing and ranking.

Run with `pytest tests/benchmarks/test_scale.py --benchmark-only -n0 -m ""`; it takes ten minutes.
"""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from program_files import program

from usbench import registry
from usbench.bench.store import Store

METHODS, SETS, IMAGES, UNIT, METRICS = 200, 50, 100, 15, 10


def million_rows() -> pd.DataFrame:
    """Rows as runs store them, in units of 15 images."""
    metrics = registry.working("metrics")
    measured = [name for name, metric in metrics.items() if "reference" in metric.needs][:METRICS]
    method, dataset, image = (part.ravel() for part in np.indices((METHODS, SETS, IMAGES)))
    unit = (method * SETS + dataset) * -(-IMAGES // UNIT) + image // UNIT

    def texts(codes: np.ndarray, names: list[str]) -> pd.Series:
        return pd.Series(pd.Categorical.from_codes(codes, names))

    rows = pd.DataFrame(
        {
            "method": texts(method, ["identity", *(f"method{n:03}" for n in range(1, METHODS))]),
            "params": texts(method, [json.dumps({"a": n}) for n in range(METHODS)]),
            "dataset": texts(dataset, [f"set{n}" for n in range(SETS)]),
            "sample": texts(image, [f"image{n:03}" for n in range(IMAGES)]),
            "group": texts(image // 2, [f"patient{n:03}" for n in range(-(-IMAGES // 2))]),
            "input_hash": texts(dataset * IMAGES + image, [f"{n:016x}" for n in range(SETS * IMAGES)]),
            "truth_hash": texts(dataset * IMAGES + image, [f"{n:016x}" for n in range(SETS * IMAGES)]),
            "key": texts(unit, [f"{n:024x}" for n in range(unit.max() + 1)]),
        }
    )
    same = {
        "tuning": "", "split": "test", "kind": "simulated", "status": "ok", "reason": "", "version": "1",
        "dataset_version": "1", "origin": "usbench.methods", "failures": "{}",
        "specs": json.dumps({name: metric.spec for name, metric in metrics.items()}),
        "metric_versions": json.dumps({name: metric.version for name, metric in metrics.items()}),
        "skipped": json.dumps({name: "no ROIs" for name in metrics if name not in measured}),
    }  # fmt: skip
    rows = rows.assign(protocol=1, **{name: texts(0 * method, [text]) for name, text in same.items()})
    random = np.random.default_rng(0)
    return rows.assign(**{name: 20 + method / 50 + random.normal(size=len(rows)) for name in measured})


def measured(benchmark, capsys, command: list[str], seconds: float = 900) -> dict[str, float]:
    """Run a program once and return what its last line says of time and memory."""
    options = {"capture_output": True, "text": True, "timeout": seconds}
    done = benchmark.pedantic(subprocess.run, args=(command,), kwargs=options, rounds=1)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    benchmark.extra_info |= found
    with capsys.disabled():
        print(f"\n{found}", end="")
    return found


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "command", [("compare", "method001", "method100"), ("tables",)], ids=lambda command: command[0]
)
def test_fifty_thousand_units_are_compared_and_ranked_in_a_minute_and_two_gigabytes(
    benchmark, capsys, tmp_path, monkeypatch, command
):
    monkeypatch.setitem(globals(), "SETS", 36)
    monkeypatch.chdir(tmp_path)
    assert Store(tmp_path / "results").add(million_rows()) == 50_400
    found = measured(benchmark, capsys, [sys.executable, "-c", program("timed_command"), *command])
    assert found["seconds"] < 60
    assert found["gib"] < 2


@pytest.mark.timeout(1200)
def test_a_million_rows_are_read_ranked_and_rendered_in_a_minute_and_four_gigabytes(benchmark, capsys, tmp_path):
    assert Store(tmp_path / "results").add(million_rows()) == 70_000
    folders = [str(tmp_path / name) for name in ("results", "boards")]
    found = measured(benchmark, capsys, [sys.executable, "-c", program("timed_tables"), *folders])
    assert found["seconds"] < 60
    assert found["gib"] < 4
    assert "method199" in (tmp_path / "boards" / "simulated.md").read_text()


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("methods", [2, 20, 200])
def test_a_million_rows_are_planned_and_found_in_ten_seconds_each(benchmark, capsys, tmp_path, methods):
    command = [sys.executable, "-c", program("plan_and_scan"), str(tmp_path), str(methods), str(SETS)]
    found = measured(benchmark, capsys, command)
    assert found["rows"] == methods * SETS * IMAGES
    assert found["plan_s"] < 10
    assert found["scan_s"] < 10
    assert found["peak_gib"] < 2
