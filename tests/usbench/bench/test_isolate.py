"""`--isolate`: a method that crashes, leaks or hangs costs its own unit and nothing else."""

import pandas as pd
import pytest
from program_files import program
from same_rows import assert_same_rows
from watchers import Silent

from usbench.bench.session import Request, Result, run
from usbench.bench.store import Store
from usbench.cli.app import run_command

UNRULY = program("unruly_natively")


def run_here(folder, methods, **options) -> tuple[Result, pd.DataFrame]:
    datasets = ("phantom[count=40]+rayleigh",)
    request = Request(tuple(methods), datasets, ("psnr",), limit=4, workers=2, seconds_per_image=2.0, **options)
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


def test_the_rows_are_those_of_a_run_without_it(tmp_path):
    _, apart = run_here(tmp_path / "apart", ["median"], isolate_gib=4.0, timing=False)
    _, together = run_here(tmp_path / "together", ["median"], timing=False)
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
    psutil = pytest.importorskip("psutil")

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
