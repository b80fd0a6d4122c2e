"""Finding a scheduler, and losing it: sentences, and runs that go on at the next one."""

import sys

import pytest
from clusters import SECONDS, SET, Cluster, kill, run_on
from same_rows import assert_same_rows

from usbench.bench.cluster import ClusterError
from usbench.cli.app import run_command


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
