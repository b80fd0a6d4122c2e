"""Whole runs: one that is killed again and again has the rows of one that was not."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from processes import heed_ctrl_c
from same_rows import assert_same_rows

from usbench.bench.store import Store

PATIENCE = 900  # seconds; the machine may be busy
SUITE = [
    *("-m", "median[size=3]", "-m", "gaussian", "-m", "nlm[search=5]", "-d", "natural[size=64]+rayleigh"),
    *("-d", "phantom[count=40]+psf", "-d", "echo", "--no-timing", "--workers", "2"),
]


def start(results: Path, cwd: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "usbench", "run", *SUITE, "--results", str(results)]
    return subprocess.Popen(
        command,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )


def rows(results: Path) -> pd.DataFrame:
    frame = Store(results).read()
    return frame.sort_values(["method", "dataset", "sample"]).reset_index(drop=True)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[pd.DataFrame, float]:
    folder = tmp_path_factory.mktemp("undisturbed")
    before = time.monotonic()
    process = start(folder / "results", folder)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    return rows(folder / "results"), time.monotonic() - before


@pytest.mark.full
@pytest.mark.timeout(4 * PATIENCE)
@pytest.mark.parametrize("kills", [6, pytest.param(20, marks=pytest.mark.slow)])
def test_sigkills_lose_no_row_and_make_none_twice(kills, undisturbed, tmp_path):
    expected, seconds = undisturbed
    results = tmp_path / "results"
    moments = random.Random(0)
    seen = []
    for _ in range(kills):
        process = start(results, tmp_path)
        try:
            process.wait(timeout=moments.uniform(0.3, 1.0) * 0.5 * seconds)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        seen.append(len(list((results / "units").glob("*.parquet"))))
    process = start(results, tmp_path)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert seen == sorted(seen)
    found = rows(results)
    assert not found.duplicated(["method", "dataset", "sample"]).any()
    assert_same_rows(found, expected)


@pytest.mark.full
@pytest.mark.timeout(4 * PATIENCE)
def test_ctrl_c_leaves_a_sentence_and_a_run_that_goes_on(undisturbed, tmp_path):
    expected, seconds = undisturbed
    results = tmp_path / "results"
    process = start(results, tmp_path)
    deadline = time.monotonic() + 10 * seconds
    while not list((results / "units").glob("*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Finished units are kept" in errors
    assert "Traceback" not in errors
    kept = len(list((results / "units").glob("*.parquet")))
    assert kept >= 1
    again = start(results, tmp_path)
    _, errors = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, errors
    assert "in the store already" in errors
    assert_same_rows(rows(results), expected)
