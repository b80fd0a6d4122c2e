"""Rows that real workers make: those of a local run bit for bit, and of files and packages as they are there."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from clusters import SECONDS, SET, run_on
from program_files import plugin_file
from same_rows import assert_same_rows

from usbench.bench.plan import make_plan
from usbench.bench.store import Store
from usbench.core.errors import UsageError
from usbench.evaluation.provenance import library_versions


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
def test_workers_find_out_themselves_whether_they_have_the_device(pair, tmp_path):
    with pytest.raises(UsageError, match="a device is cpu or cuda, found 'auto'"):
        run_on(pair.address, tmp_path, ["median"], device="auto")
    result, rows, _ = run_on(pair.address, tmp_path, ["median"], device="cuda:99")
    assert len(rows) == 0
    assert "no worker can run it" in result.lost[0]
    assert "The device 'cuda:99' cannot be used" in result.lost[0]
