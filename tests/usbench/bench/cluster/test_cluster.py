"""Runs on a real Dask scheduler with real workers: the rows of a local run whatever dies, and why some are missing."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from clusters import SECONDS, Cluster, kill
from processes import heed_ctrl_c, wait_until
from program_files import plugin_file, program
from same_rows import assert_same_rows
from watchers import Silent

from usbench.bench.cluster import ClusterError
from usbench.bench.plan import make_plan
from usbench.bench.session import Request, Result, run
from usbench.bench.store import Store
from usbench.cli.app import run_command
from usbench.core.errors import UsageError
from usbench.evaluation.provenance import library_versions

SET = "phantom[count=4]+rayleigh"

ODD = program("odd")


class Listener(Silent):
    """A watcher that keeps what it is told, and acts when the first unit has ended."""

    def __init__(self, act=lambda: None):
        self.act, self.images, self.notes, self.finishes = act, 0, [], 0

    def image_done(self):
        self.images += 1

    def finished(self, unit, outcome):
        self.finishes += 1
        if self.finishes == 1:
            self.act()

    def note(self, sentence):
        self.notes.append(sentence)


def run_on(
    scheduler: str, folder: Path, methods, datasets=(SET,), act=lambda: None, **options
) -> tuple[Result, pd.DataFrame, Listener]:
    listener = Listener(act)
    options = {"metrics": ("psnr", "gcnr"), "timing": False, "workers": 1} | options
    result = run(Request(tuple(methods), tuple(datasets), scheduler=scheduler, **options), folder, listener)
    return result, Store(folder).read([key for key in result.keys if Store(folder).has(key)]), listener


@pytest.fixture(autouse=True, scope="module")
def client_is_no_worker():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKER", "client")
        yield


@pytest.fixture
def odd(tmp_path) -> Path:
    file = tmp_path / "odd.py"
    file.write_text(ODD)
    return file


@pytest.fixture(scope="module")
def local_run(tmp_path_factory) -> tuple[list[str], pd.DataFrame]:
    """Methods of which each is a unit that takes half a second, and the rows of a run on this machine."""
    folder = tmp_path_factory.mktemp("local")
    (folder / "odd.py").write_text(ODD)
    methods = [f"{folder / 'odd.py'}[tag={tag},seconds=0.1]" for tag in range(6)]
    return methods, run_on("", folder, methods)[1]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A scheduler with two workers: a plain one, and one under a nanny with two threads and no room on its disk."""
    with Cluster(tmp_path_factory.mktemp("pair")) as cluster:
        cluster.start_scheduler()
        cluster.start_worker("plain")
        cluster.start_worker("full", threads=2, nanny=True, largest_file=4096)
        cluster.wait_for(3)
        yield cluster


@pytest.fixture
def cluster(tmp_path):
    with Cluster(tmp_path) as cluster:
        cluster.start_scheduler()
        yield cluster


@pytest.mark.full
def test_rows_are_those_of_a_local_run_bit_for_bit_and_samples_are_made_by_workers(pair, tmp_path, monkeypatch):
    methods, datasets = ["gan-d", "srad[iterations=5]"], ["phantom[count=18]+psf", "echo"]
    _, expected, _ = run_on("", tmp_path / "local", methods, datasets, limit=18)
    monkeypatch.setenv("USBENCH_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"address": pair.address}))
    _, rows, listener = run_on(str(file), tmp_path / "far", methods, datasets, limit=18)
    assert_same_rows(rows, expected)
    assert listener.images == len(rows) == 3 * (18 + 18)
    assert (rows["status"] == "ok").all()
    assert not (tmp_path / "cache").exists()
    assert len(list((pair.folder / "plain").rglob("*.npz"))) > 0
    assert [file for file in (pair.folder / "full").rglob("*") if file.is_file()] == []  # no room, and no harm done


def test_orders_are_small_whatever_the_images(tmp_path):
    from usbench.bench.cluster.remote import Order

    (tmp_path / "images").mkdir()
    np.save(tmp_path / "images" / "large.npy", np.zeros((2000, 2000), np.float32))
    (unit,) = make_plan(["median"], [f"folder:{tmp_path / 'images'}"], ["psnr", "gcnr"])
    assert len(pickle.dumps(Order("run", unit, str(tmp_path)))) < 5000


@pytest.mark.full
def test_a_method_that_takes_its_process_down_leaves_the_worker_and_the_rows_of_a_local_run(pair, odd, tmp_path):
    options = {"limit": 1, "seconds_per_image": 1.0}
    crashing, stubborn = f"{odd}[how=crash]", f"{odd}[how=stubborn]"
    _, expected, _ = run_on("", tmp_path / "local", [crashing, "median"], **options)
    result, rows, _ = run_on(pair.address, tmp_path / "far", [stubborn, crashing, "median"], **options)
    same = Store(tmp_path / "far").read(expected["key"].unique())
    assert_same_rows(same, expected)
    assert sorted(rows["status"]) == ["failed", "failed", "ok", "ok"]
    assert rows["reason"].str.contains("took its process down").sum() == 2
    assert result.lost == ()
    pair.wait_for(3)


@pytest.mark.full
def test_a_file_that_was_edited_is_run_as_it_is_now(pair, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    means = []
    for number in (0.25, 0.5):
        plugin_file(Path(), "level", LEVEL=number)
        command = [sys.executable, "-m", "usbench", "run", "-m", "level.py", "-d", SET, "--limit", "1"]
        command += ["--metric", "psnr", "--dask", pair.address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, done.stderr
        assert "Latencies are not taken" in done.stderr
        rows = Store(Path("results")).read()
        means.append(rows[rows["method"] == "level"].groupby("key")["psnr"].mean().to_dict())
    assert len(means[0]) == 1
    assert len(means[1]) == len(set(means[1].values())) == 2


@pytest.mark.full
def test_other_packages_are_noted_and_the_rows_name_those_that_were_used(pair, tmp_path, monkeypatch):
    older = {**library_versions(), "numpy": "1.0"}
    monkeypatch.setattr("usbench.evaluation.evaluate.library_versions", lambda: older)
    result, rows, listener = run_on(pair.address, tmp_path, ["median"])
    assert result.lost == ()
    assert {json.loads(libraries)["numpy"] for libraries in rows["libraries"]} == {np.__version__}
    assert any("has other versions of libraries than this machine" in note for note in listener.notes)


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


@pytest.mark.full
def test_what_no_worker_has_is_lost_with_its_reason_and_run_later(pair, odd, tmp_path, monkeypatch):
    odd.write_text(ODD.replace('os.environ.get("LACKS_LIBRARY", "")', '"plain full"'))
    result, rows, _ = run_on(pair.address, tmp_path / "r", [str(odd)])
    assert len(result.lost) == 1
    assert "libspeckle is missing" in result.lost[0]
    assert rows["method"].unique().tolist() == ["identity"]


@pytest.mark.full
def test_workers_find_out_themselves_whether_they_have_the_device(pair, tmp_path):
    with pytest.raises(UsageError, match="a device is cpu or cuda, found 'auto'"):
        run_on(pair.address, tmp_path, ["median"], device="auto")
    result, rows, _ = run_on(pair.address, tmp_path, ["median"], device="cuda:99")
    assert len(rows) == 0
    assert "no worker can run it" in result.lost[0]
    assert "The device 'cuda:99' cannot be used" in result.lost[0]


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
def test_a_scheduler_that_dies_is_a_sentence_and_the_run_goes_on_at_the_next_one(
    cluster, local_run, tmp_path, monkeypatch
):
    methods, expected = local_run
    cluster.start_worker("first")
    cluster.wait_for(1)
    with monkeypatch.context() as patch:
        patch.setattr("usbench.bench.cluster.connect.PATIENCE_SECONDS", 3)
        with pytest.raises(ClusterError, match=r"went away. 1 of 7 units are stored; the same command goes on"):
            run_on(cluster.address, tmp_path / "far", methods, act=lambda: kill(cluster.scheduler))
    cluster.start_scheduler()
    cluster.start_worker("second")
    cluster.wait_for(1)
    result, rows, listener = run_on(cluster.address, tmp_path / "far", methods)
    assert listener.finishes == 6
    assert result.lost == ()
    assert_same_rows(rows, expected)


@pytest.mark.slow
def test_a_scheduler_that_is_restarted_at_once_is_found_again(cluster, local_run, tmp_path, monkeypatch):
    methods, expected = local_run
    monkeypatch.setattr("usbench.bench.cluster.connect.PATIENCE_SECONDS", SECONDS)
    cluster.start_worker("first")

    def restart():
        kill(cluster.scheduler)
        cluster.start_scheduler()
        cluster.start_worker("second")

    result, rows, _ = run_on(cluster.address, tmp_path / "far", methods, act=restart)
    assert result.lost == ()
    assert_same_rows(rows, expected)


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


@pytest.mark.parametrize(
    ("scheduler", "code", "sentence"),
    [
        ("nowhere.json", 2, "expected an address such as tcp://127.0.0.1:8786"),
        ("carrier-pigeon://coop:1", 2, "carrier-pigeon"),
        ("tcp://127.0.0.1:{closed}", 1, "No Dask scheduler answers at tcp://127.0.0.1"),
    ],
)
def test_a_scheduler_that_is_not_there_is_one_sentence(tmp_path, monkeypatch, capsys, scheduler, code, sentence):
    monkeypatch.setattr("usbench.bench.cluster.connect.PATIENCE_SECONDS", 1)
    monkeypatch.chdir(tmp_path)
    scheduler = scheduler.replace("{closed}", str(Cluster(tmp_path).port))
    assert run_command(["run", "-m", "median", "-d", SET, "--no-timing", "--dask", scheduler]) == code
    errors = capsys.readouterr().err
    assert sentence in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "results" / "runs").exists()


def test_without_dask_the_extra_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert run_command(["run", "-m", "median", "-d", SET, "--no-timing", "--dask", "tcp://127.0.0.1:1"]) == 2
    assert "pip install 'usbench[cluster]'" in capsys.readouterr().err
