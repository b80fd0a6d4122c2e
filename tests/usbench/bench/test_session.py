"""Runs from plan to rows: parallel as serial, nothing twice, and whatever goes wrong is told."""

import gc
import json
import os
import signal
import sys
from pathlib import Path

import pandas as pd
import pytest
from program_files import program
from same_rows import assert_same_rows
from watchers import Silent

import usbench
from usbench.bench.plan import make_plan
from usbench.bench.session import Request, Result, run
from usbench.bench.store import Store

UNRULY = program("unruly")


class Counting(Silent):
    """A watcher that keeps what it is told."""

    def __init__(self):
        self.images = 0
        self.outcomes = []

    def planned(self, units, images, missing_units, missing_images, untimed):
        self.missing = missing_images

    def set_aside(self, damaged):
        self.damaged = [path.name for path in damaged]

    def image_done(self):
        self.images += 1

    def finished(self, unit, outcome):
        self.outcomes.append(outcome)


def run_quietly(
    folder: Path, methods, datasets=("phantom[count=5]+psf",), **options
) -> tuple[Result, pd.DataFrame, Counting]:
    watcher = Counting()
    options = {"metrics": ("psnr", "gcnr"), "timing": False, "workers": 1} | options
    result = run(Request(methods=tuple(methods), datasets=tuple(datasets), **options), folder, watcher)
    return result, Store(folder).read(), watcher


@pytest.mark.full
def test_parallel_rows_are_those_of_a_serial_run_bit_for_bit(tmp_path):
    methods = ["gan-d", "median", "srad[iterations=5]", "lee"]
    datasets = ["natural+rayleigh", "phantom[count=5]+psf", "echo"]
    frames = []
    for workers in (1, 3):
        _, rows, watcher = run_quietly(tmp_path / str(workers), methods, datasets, limit=5, workers=workers)
        assert watcher.images == len(rows) == 5 * (5 + 5 + 5)
        frames.append(rows)
    assert_same_rows(*frames)


def test_a_second_identical_run_computes_nothing(tmp_path, in_process, made_up_times):
    first, rows, _ = run_quietly(tmp_path, ["median"], timing=True)
    assert first.computed == 2 + 2
    again, same, watcher = run_quietly(tmp_path, ["median"], timing=True)
    assert again.computed == watcher.images == watcher.missing == 0
    pd.testing.assert_frame_equal(rows, same)


def test_changed_parameters_data_or_metrics_are_new_units(tmp_path, in_process):
    run_quietly(tmp_path, ["median"], limit=1)
    for change in (
        {"methods": ["median[size=3]"]},
        {"methods": ["median"], "datasets": ("phantom[count=5]+psf[lateral=2]",)},
        {"methods": ["median"], "metrics": ("psnr",)},
    ):
        result, _, _ = run_quietly(tmp_path, limit=1, **change)
        assert result.computed >= 1, change


QUICK = {
    "raise": "raised ValueError: no can do",
    "hang": "exceeded the time limit of 1 s",
    "crash": "took its process down",
}
SLOW = {
    "nan": "not finite",
    "shape": r"shape \(255, 256\)",
    "nothing": "returned NoneType",
    "stubborn": "took its process down",
}


@pytest.mark.parametrize("reasons", [QUICK, pytest.param(SLOW, marks=pytest.mark.full)], ids=" ".join)
def test_misbehaving_methods_fail_alone_and_say_why(tmp_path, reasons):
    file = tmp_path / "unruly.py"
    file.write_text(UNRULY)
    _, rows, _ = run_quietly(
        tmp_path / "results",
        [*(f"{file}[how={how}]" for how in reasons), "median"],
        limit=2,
        workers=2,
        seconds_per_image=1.0,
    )
    for how, reason in reasons.items():
        bad = rows[rows["method"].str.startswith("unruly") & rows["params"].str.contains(how)]
        assert (bad["status"] == "failed").all()
        assert bad["reason"].str.contains(reason).all(), bad["reason"].tolist()
        assert len(bad) == 2
    good = rows[~rows["method"].str.startswith("unruly")]
    assert (good["status"] == "ok").all()
    assert len(good) == 4


def test_a_methods_own_time_limit_holds_until_the_user_gives_one(tmp_path, in_process):
    file = tmp_path / "slow.py"
    file.write_text(UNRULY + "\nunruly.seconds_per_image = 1.0\n")
    slow = f"{file}[how=hang]"
    own, other = make_plan([slow, "median"], ["phantom[count=5]+psf"], ["psnr"])
    assert (own.seconds_per_image, other.seconds_per_image) == (1.0, 120.0)
    for unit in make_plan([slow, "median"], ["phantom[count=5]+psf"], ["psnr"], seconds_per_image=7.0):
        assert unit.seconds_per_image == 7.0
    _, rows, _ = run_quietly(tmp_path / "results", [slow], limit=1)
    (bad,) = rows[rows["method"].str.startswith("unruly")].to_dict("records")
    assert (bad["status"], bad["reason"]) == ("failed", "unruly[how=hang] exceeded the time limit of 1 s.")


def test_one_bad_image_does_not_take_the_others_of_its_unit(tmp_path, in_process):
    file = tmp_path / "unruly.py"
    file.write_text(UNRULY)
    first_pixels = [sample.image[0, 0] for sample in usbench.load_dataset("phantom[count=5]+psf")]
    bound = float(sorted(first_pixels)[-1])
    _, rows, _ = run_quietly(tmp_path / "results", [f"{file}[where={bound}]"])
    bad = rows[rows["method"].str.startswith("unruly")]
    assert sorted(bad["status"]) == ["failed", "ok", "ok", "ok", "ok"]


def test_failures_are_kept_until_they_are_retried(tmp_path, in_process):
    file = tmp_path / "unruly.py"
    file.write_text(UNRULY)
    method = f"{file}[how=raise]"
    run_quietly(tmp_path / "results", [method])
    assert run_quietly(tmp_path / "results", [method])[0].computed == 0
    assert run_quietly(tmp_path / "results", [method], retry=True)[0].computed == 1


def test_a_full_disk_is_a_sentence_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    import errno

    store = Store(tmp_path)

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(usbench.UsbenchError, match="cannot be written.*No space left on device"):
        store.write("a", [{"a": 1}], ["a"])
    assert list((tmp_path / "units").iterdir()) == []


def test_rows_that_cannot_be_written_fail_their_unit_and_the_others_go_on(tmp_path, in_process):
    blocked, *_ = make_plan(["constant"], ["phantom[count=5]+psf"], ["psnr", "gcnr"])
    obstacle = tmp_path / "units" / f"{blocked.key}.parquet" / "in the way"
    obstacle.mkdir(parents=True)
    request = Request(("constant",), ("phantom[count=5]+psf",), ("psnr", "gcnr"), timing=False, workers=1)
    watcher = Counting()
    result = run(request, tmp_path, watcher)
    assert len(result.lost) == 1
    assert "cannot be written" in result.lost[0]
    assert sorted(outcome.failed for outcome in watcher.outcomes) == [0, 5]
    assert len(Store(tmp_path).read([key for key in result.keys if key != blocked.key])) == 5


def test_rows_carry_what_made_them(tmp_path, in_process):
    run_quietly(tmp_path, ["gan-d"], limit=1)
    row = Store(tmp_path).read().set_index("method").loc["gan-d"]
    assert row["origin"] == "usbench: usbench.methods.pix2pix.gan_d:GanD"
    assert len(row["weights_hash"]) == len(row["source_hash"]) == len(row["data_hash"]) == 16
    assert row["version"] == "1"
    assert json.loads(row["metric_versions"])["psnr"] == "1"
    assert json.loads(row["libraries"])["torch"]
    assert row["input_hash"] == usbench.load_dataset("phantom[count=5]+psf")[0].input_hash
    assert json.loads(row["specs"])["psnr"].startswith("10 log10")
    (about,) = [json.loads(path.read_text()) for path in (tmp_path / "runs").glob("*.json")]
    assert about["libraries"]["torch"]
    assert about["cores"] >= 1
    assert about["cpu"]
    assert about["commit"] == row["commit"]
    assert about["python"] == ".".join(map(str, sys.version_info[:3]))


@pytest.mark.full
def test_times_are_taken_alone_with_threads_and_hardware(tmp_path, in_process):
    result, _, _ = run_quietly(tmp_path, ["median"], timing=True, limit=1)
    times = Store(tmp_path).read(result.speed_keys, lane="speed")
    assert times["method"].tolist() == ["identity", "median"]
    assert times["size"].tolist() == [256, 256]
    assert (times["median_ms"] > 0).all()
    assert (times["threads"] >= 1).all()
    assert times["hardware"].str.len().min() > 0
    assert times["rounds"].min() >= 5


def test_a_damaged_file_is_computed_again_to_the_same_rows(tmp_path, in_process, made_up_times):
    result, before, _ = run_quietly(tmp_path, ["median"], timing=True)
    unit, time = (
        tmp_path / "units" / f"{result.keys[1]}.parquet",
        tmp_path / "speed" / f"{result.speed_keys[1]}.parquet",
    )
    for path in (unit, time):
        path.write_bytes(path.read_bytes()[:-100])
    again, after, watcher = run_quietly(tmp_path, ["median"], timing=True, retry=True)
    assert watcher.damaged == [unit.name, time.name]
    assert again.computed == 2
    pd.testing.assert_frame_equal(before, after)
    assert Store(tmp_path).read([time.stem], lane="speed")["method"].tolist() == ["median"]


class Finalised:
    """Is interrupted by Ctrl-C while it is finalised, where Python drops the exception."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)


class Dropping(Silent):
    """A watcher that leaves a finaliser to Ctrl-C when the first unit has ended."""

    finishes = 0

    def finished(self, *_):
        self.finishes += 1
        if self.finishes == 1:
            Finalised()
            gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_ctrl_c_that_python_drops_stops_the_run(tmp_path, in_process):
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    watcher = Dropping()
    request = Request(("mean", "lee"), ("phantom[count=32]+rayleigh",), metrics=("psnr",), timing=False, workers=1)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(request, tmp_path, watcher)
    finally:
        signal.signal(signal.SIGINT, previous)
    assert watcher.finishes == 1
