"""A method that crashes, leaks, hangs or exits costs its own unit and nothing else, with and without `--isolate`."""

import subprocess
import sys
import time
from concurrent.futures import Future

import pandas as pd
import psutil
import pytest
from hostile_reasons import HARMLESS, OF_PROCESSES, REASONS
from processes import alive, wait_until
from program_files import program
from same_rows import assert_same_rows
from watchers import Silent

from usbench.bench.pool import Broken, Pool, result_of
from usbench.bench.session import Request, Result, run
from usbench.bench.store import Store
from usbench.cli.app import run_command

UNRULY = program("unruly_natively")


def run_here(folder, methods, **options) -> tuple[Result, pd.DataFrame]:
    datasets = ("phantom[count=40]+rayleigh",)
    options = {"seconds_per_image": 2.0} | options
    request = Request(tuple(methods), datasets, ("psnr",), limit=4, workers=2, **options)
    return run(request, folder, Silent()), Store(folder).read()


@pytest.mark.full
def test_what_crashes_leaks_or_hangs_costs_one_unit_and_says_why(tmp_path):
    file = tmp_path / "unruly.py"
    file.write_text(UNRULY)
    unruly = [f"{file}[how={how}]" for how in ("segfault", "leak", "hang")]
    result, rows = run_here(tmp_path / "results", [*unruly, "median"], isolate_gib=3.0, timing=False)
    reasons = rows.groupby("method")["reason"].agg(lambda texts: " ".join(sorted(set(texts) - {""})))
    assert "took its process down" in reasons["unruly[how=segfault]"]
    assert "took its process down" in reasons["unruly[how=hang]"]
    assert "emory" in reasons["unruly[how=leak]"]
    assert rows.groupby("method")["status"].value_counts()["unruly[how=leak]"].to_dict().keys() == {"ok", "failed"}
    sound = rows[rows["method"].isin(["median", "identity"])]
    assert (sound["status"] == "ok").all()
    assert len(sound) == 8
    assert not result.lost


@pytest.mark.full
def test_the_timing_lane_is_as_safe(tmp_path):
    file = tmp_path / "unruly.py"
    file.write_text(UNRULY)
    run_here(
        tmp_path / "results", [f"{file}[how=segfault]", f"{file}[how=leak]", "median"], isolate_gib=3.0, timing=True
    )
    status = Store(tmp_path / "results").read(lane="speed").groupby("method")["status"].agg(set)
    assert status["median"] == status["identity"] == {"ok"}
    assert status["unruly[how=segfault]"] == status["unruly[how=leak]"] == {"failed"}


def test_the_rows_are_those_of_a_run_without_it(tmp_path, request):
    options = {"timing": False, "seconds_per_image": 120.0}  # in this process it may take long to import torch
    _, apart = run_here(tmp_path / "apart", ["median"], isolate_gib=4.0, **options)
    request.getfixturevalue("in_process")
    _, together = run_here(tmp_path / "together", ["median"], **options)
    assert_same_rows(apart, together)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--memory", "2"], "--memory limits the processes of --isolate; give both."),
        (
            ["--isolate", "--dask", "tcp://127.0.0.1:1"],
            "--isolate is for this machine; Dask's workers use separate processes",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused_in_a_sentence(options, sentence, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_command(["run", "-m", "median", *options]) == 2
    assert capsys.readouterr().err.startswith(f"usbench: {sentence}")
    assert not list(tmp_path.iterdir())


def test_ctrl_c_ends_the_processes_of_all_units(tmp_path):
    class Impatient(Silent):
        def started(self, *_):
            raise KeyboardInterrupt

    request = Request(("median",), ("phantom[count=40]+rayleigh",), ("psnr",), limit=1, timing=False, isolate_gib=4.0)
    before = set(psutil.Process().children())
    with pytest.raises(KeyboardInterrupt):
        run(request, tmp_path, Impatient())
    left = [
        child
        for child in set(psutil.Process().children()) - before
        if "resource_tracker" not in " ".join(child.cmdline())
    ]
    assert not left


HOSTILE = program("hostile")


MARK = "864213.25"


@pytest.fixture
def hostile(tmp_path):
    file = tmp_path / "hostile.py"
    file.write_text(HOSTILE)
    return file


@pytest.mark.full
@pytest.mark.parametrize(
    ("options", "reasons"),
    [([], REASONS), (["--isolate", "--memory", "8"], {how: REASONS[how] for how in OF_PROCESSES})],
    ids=["pool", "isolated"],
)
def test_each_costs_its_own_rows_and_leaves_nothing(hostile, options, reasons, tmp_path):
    """In a process of its own, so that a hang is found and the exit code is the command's."""
    methods = [f"-m{hostile}[how={how}]" for how in (*reasons, *HARMLESS)]
    command = [sys.executable, "-m", "usbench", "run", *methods, "-d", "shapes[count=2]+gamma"]
    command += ["--metric", "psnr", "--no-timing", "--workers", "2", "--limit", "2", "--time-limit", "1"]
    command += ["--results", str(tmp_path / "rows")]
    with (tmp_path / "said").open("w") as said:
        done = subprocess.run([*command, *options], stdout=said, stderr=said, timeout=500)
    text = (tmp_path / "said").read_text()
    assert done.returncode == 1, text
    assert "Internal error" not in text
    assert "usbench/" not in text.partition("Traceback")[2]
    assert "\x1b[2J" not in text
    rows = Store(tmp_path / "rows").read()
    found = rows.groupby("method")["reason"].first()
    wrong = {how: found.get(f"hostile[how={how}]") for how, why in reasons.items()
             if why not in str(found.get(f"hostile[how={how}]"))}  # fmt: skip
    assert not wrong
    status = rows.groupby("method")["status"].agg(set)
    assert all(status[f"hostile[how={how}]"] == {"failed"} for how in reasons)
    assert status["hostile"] == status["identity"] == {"ok"}
    assert all(status[f"hostile[how={how}]"] == {"ok"} for how in HARMLESS[1:])
    assert len(rows) == 2 * (len(reasons) + len(HARMLESS) + 1)
    time.sleep(0.2)
    assert not alive("sleep", MARK)


def test_a_run_that_is_killed_leaves_nothing_behind(tmp_path):
    seconds = "864213.5"
    file = tmp_path / "lingering.py"
    file.write_text(program("lingering", SECONDS=seconds))
    command = [sys.executable, "-m", "usbench", "run", "-m", str(file), "-d", "shapes[count=2]+gamma", "--no-timing"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: alive("sleep", seconds))
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: not alive("sleep", seconds))


LATE = program("late")


@pytest.mark.full
def test_a_process_that_dies_between_tasks_costs_no_rows(tmp_path):
    """Nothing runs then, which pebble takes for the end of the whole pool."""
    (tmp_path / "late.py").write_text(LATE)
    command = [
        sys.executable,
        "-m",
        "usbench",
        "run",
        "-d",
        "shapes[count=2]+gamma",
        "--metric",
        "psnr",
        "--no-timing",
    ]
    command += [f"-m{tmp_path / 'late.py'}[seconds={seconds}]" for seconds in (0.0, 0.05, 0.2, 0.5)]
    command += ["--workers", "1", "--limit", "1", "--results", str(tmp_path / "rows")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert "Internal error" not in done.stderr
    assert len(Store(tmp_path / "rows").read()) == 5


class BrokenPool:
    """Takes a task, and forgets it."""

    active = False

    def schedule(self, *_, **__) -> Future:
        return Future()


def test_a_task_that_a_broken_pool_forgets_is_failed():
    pool = Pool(BrokenPool(), fresh=False)
    future = pool.schedule(print)
    pool.look()
    assert not future.done()  # pebble fails those that it knows of
    pool.look()
    with pytest.raises(Broken, match="died"):
        result_of(future)


def test_tasks_of_a_pool_that_is_being_stopped_are_left_alone():
    pool = Pool(BrokenPool(), fresh=False)
    future = pool.schedule(print)
    pool.stopping = True
    for _ in range(3):
        pool.look()
    assert not future.done()


def test_a_worker_that_is_starting_when_the_pool_ends_says_nothing(tmp_path):
    file = tmp_path / "starting_worker.py"
    file.write_text(program("starting_worker"))
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.stderr) == ("left\n", "")
