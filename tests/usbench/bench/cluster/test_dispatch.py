"""What real workers get, whichever of them dies, and what is said of what none of them can do."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest
from clusters import ODD, SECONDS, Cluster, kill, run_on
from processes import heed_ctrl_c, wait_until
from program_files import plugin_file
from same_rows import assert_same_rows


@pytest.mark.full
def test_units_of_a_killed_worker_run_elsewhere(cluster, local_run, tmp_path):
    methods, expected = local_run
    cluster.start_worker("first")
    cluster.start_worker("second")
    cluster.wait_for(2)
    result, rows, listener = run_on(
        cluster.address, tmp_path / "far", methods, act=lambda: kill(cluster.workers["first"])
    )
    assert_same_rows(rows, expected)
    assert result.lost == ()
    assert any("went away" in note for note in listener.notes)


@pytest.mark.slow
def test_a_slow_worker_holds_no_more_than_it_works_on(cluster, odd, tmp_path):
    cluster.start_worker("slow", SLOWED="5")
    cluster.start_worker("fast")
    cluster.wait_for(2)
    methods = [f"{odd}[tag={tag}]" for tag in range(10)]
    _, rows, _ = run_on(cluster.address, tmp_path / "r", methods, limit=1)
    assert len(rows) == 11
    shares = Counter((tmp_path / "log").read_text().split())
    assert shares["slow"] <= 3
    assert shares["fast"] + shares["slow"] == 10


@pytest.mark.full
def test_a_worker_that_dies_of_a_unit_each_time_is_told(tmp_path, odd):
    with Cluster(tmp_path) as cluster:
        cluster.start_scheduler(DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
        cluster.start_worker("reborn", nanny=True)
        method = f"{odd}[how=kill the worker]"
        result, rows, _ = run_on(cluster.address, tmp_path / "r", [method], limit=1)
    assert rows["method"].tolist() == ["identity"]
    assert "every worker that had it died" in result.lost[0]


@pytest.mark.full
def test_ctrl_c_stops_what_workers_do(cluster, odd, tmp_path):
    cluster.start_worker("first", nanny=True)
    command = [sys.executable, "-m", "usbench", "run", "-m", f"{odd}[seconds=1]", "-d", "phantom[count=40]+rayleigh"]
    process = subprocess.Popen(
        [*command, "--dask", cluster.address],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "WORKER": "client"},
        preexec_fn=heed_ctrl_c,
    )
    wait_until((tmp_path / "log").exists, SECONDS)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "Finished units are kept" in errors
    assert "Traceback" not in errors
    done = [0, len((tmp_path / "log").read_text().split())]
    while done[-1] > done[-2]:  # a worker looks twice a second whether it is still wanted, and an image takes one
        time.sleep(3)
        done.append(len((tmp_path / "log").read_text().split()))
    assert done[-1] < 16


@pytest.mark.full
def test_what_no_worker_has_is_lost_with_its_reason_and_run_later(pair, odd, tmp_path, monkeypatch):
    odd.write_text(ODD.replace('os.environ.get("LACKS_LIBRARY", "")', '"plain full"'))
    result, rows, _ = run_on(pair.address, tmp_path / "r", [str(odd)])
    assert len(result.lost) == 1
    assert "libspeckle is missing" in result.lost[0]
    assert rows["method"].unique().tolist() == ["identity"]


@pytest.mark.full
def test_other_data_and_other_methods_are_refused_and_left_to_the_worker_that_has_them(cluster, tmp_path, monkeypatch):
    for number, name in enumerate(("same", "other")):
        home = tmp_path / f"{name}-home"
        (home / "images").mkdir(parents=True)
        np.save(home / "images" / "a.npy", np.random.default_rng(number).random((16, 16), np.float32))
        plugin_file(home, "level", LEVEL=float(number))
    monkeypatch.setenv("HOME", str(tmp_path / "same-home"))
    asked = (["~/level.py"], ["folder:~/images", "phantom[count=1]+rayleigh"])
    for name in ("other", "without"):
        cluster.start_worker(name, HOME=str(tmp_path / f"{name}-home"))
    cluster.wait_for(2)
    result, rows, listener = run_on(cluster.address, tmp_path / "r", *asked)
    assert len(result.lost) == 3
    assert rows["dataset"].tolist() == ["phantom[count=1]+rayleigh"]
    reasons = "".join(listener.notes)
    assert (
        "identity on folder[path=~/images]: it differs from where the run was started in the data set's content"
        in reasons
    )
    assert "images does not exist" in reasons
    assert "level on phantom[count=1]+rayleigh: it differs from where the run was started in the version of" in reasons
    assert "level.py does not exist" in reasons
    cluster.start_worker("same", HOME=str(tmp_path / "same-home"))
    cluster.wait_for(3)
    result, rows, _ = run_on(cluster.address, tmp_path / "r", *asked)
    assert result.lost == ()
    assert rows["status"].tolist() == ["ok"] * 4
