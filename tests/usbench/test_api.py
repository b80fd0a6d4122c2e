"""`usbench.run`, `usbench.compare`, `compare --baseline` and one table for a paper."""

import json

import numpy as np
import pandas as pd
import pytest
from made_up_rows import made_up_rows

import usbench
from usbench.bench.store import Store
from usbench.board.holm import holm
from usbench.board.paired_tests import paired_test
from usbench.cli.app import run_command
from usbench.core.errors import UsageError

RNG = np.random.default_rng(0)
LEVELS = {"identity": 20.0, "bm3d": 25.0, "lee": 24.9, "nlm": 27.0, "srad": 22.0}


@pytest.fixture
def results(tmp_path, monkeypatch):
    scores = {name: {"psnr": level + RNG.normal(0, 0.2, 12), "ssim": level / 30} for name, level in LEVELS.items()}
    rows = pd.concat([made_up_rows(scores, dataset=name, weights_hash="", version="1") for name in ("d", "e")])
    rows["key"] = [f"{number:024x}" for number in rows.groupby(["method", "dataset"]).ngroup()]
    Store(tmp_path / "results").add(rows)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "results"


def test_every_method_is_set_against_a_baseline_with_one_correction(results):
    frame = usbench.compare(baseline="bm3d", results=results, metrics=["psnr"])
    assert set(frame["method"]) == set(LEVELS) - {"bm3d"}
    assert set(frame["against"]) == {"bm3d"}
    assert len(frame) == 4 * 2
    rows = Store(results).read()
    raw = []
    for method, dataset in zip(frame["method"], frame["dataset"], strict=True):
        own, base = (
            rows[(rows["method"] == name) & (rows["dataset"] == dataset)].sort_values("sample")["psnr"].to_numpy()
            for name in (method, "bm3d")
        )
        raw.append(float(paired_test((own - base)[None])[0]))
        gain = frame[(frame["method"] == method) & (frame["dataset"] == dataset)]["gain"].iloc[0]
        assert gain == pytest.approx((own - base).mean())
    assert np.allclose(frame["p"], holm(np.array(raw)), rtol=0.01, atol=0)
    best = frame[frame["method"] == "nlm"]
    assert set(best["better"]) == {"nlm"}
    assert set(frame[frame["method"] == "srad"]["better"]) == {"bm3d"}


def test_two_methods_are_compared_as_by_the_command(results, capsys):
    frame = usbench.compare("nlm", "lee", results=results, datasets="d", metrics=["psnr"])
    assert len(frame) == 1
    assert run_command(["compare", "nlm", "lee", "-d", "d", "--metric", "psnr", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["contrasts"]
    for column in ("gain", "low", "high", "p", "first", "second"):
        assert frame[column][0] == pytest.approx(shown[column])
    with pytest.raises(UsageError, match="Name two methods"):
        usbench.compare("nlm", results=results)
    with pytest.raises(UsageError, match="no rows of 'nosuch'"):
        usbench.compare(baseline="nosuch", results=results)


def test_the_command_with_a_baseline(results, capsys):
    assert run_command(["compare", "--baseline", "bm3d", "--metric", "psnr"]) == 0
    text = capsys.readouterr().out
    assert "nlm is better than bm3d in 2 of 2 comparisons" in text
    assert run_command(["compare", "nlm", "--baseline", "bm3d", "--json"]) == 0
    about = json.loads(capsys.readouterr().out)
    assert about["baseline"] == "bm3d"
    assert {contrast["method"] for contrast in about["contrasts"]} == {"nlm"}
    assert run_command(["compare", "nlm"]) == 2
    assert run_command(["compare", "nlm", "--baseline", "bm3d", "--picture", "x.png"]) == 2


def test_one_table_for_a_paper(results, tmp_path, capsys):
    command = ["tables", "--method", "nlm", "--method", "bm3d", "--dataset", "d", "--metric", "psnr"]
    assert run_command(command) == 0
    made = (tmp_path / "table.tex").read_text()
    assert made.count(r"\begin{tabular}") == 1
    assert "nlm" in made
    assert "lee" not in made
    assert "ssim" not in made
    mean = Store(results).read().query("method == 'nlm' and dataset == 'd'")["psnr"].mean()
    assert rf"\textbf{{{mean:.2f}}}" in made
    assert not (tmp_path / "leaderboards").exists()
    assert run_command(["tables", "--metric", "ssim", "--out", "all.tex"]) == 0
    every = (tmp_path / "all.tex").read_text()
    assert all(name in every for name in LEVELS)
    capsys.readouterr()
    assert run_command(["tables", "--dataset", "nosuch"]) == 2
    assert "no rows of nosuch" in capsys.readouterr().err
    assert run_command(["tables", "--metric", "nosuch"]) == 2


def test_a_table_longer_than_a_page_is_refused(tmp_path, capsys):
    scores = {f"m{number}": {"psnr": float(number)} for number in range(60)}
    rows = made_up_rows(scores, weights_hash="", version="1")
    rows["key"] = [f"{number:024x}" for number in rows.groupby("method").ngroup()]
    Store(tmp_path / "r").add(rows)
    assert run_command(["tables", "--metric", "psnr", "--results", str(tmp_path / "r")]) == 2
    assert "a page has 45" in capsys.readouterr().err


def test_run_from_python_stores_rows_and_returns_them(tmp_path):
    arguments = {"results": tmp_path / "r", "workers": 1, "metrics": ["psnr"]}
    frame = usbench.run("median[size=5]", "phantom[count=2]+psf", **arguments)
    assert set(frame["method"]) == {"identity", "median[size=5]"}
    assert len(frame) == 4
    direct = usbench.evaluate(
        usbench.load_method("median", size=5),
        usbench.load_dataset("phantom[count=2]+psf"),
        [usbench.load_metric("psnr")],
    )
    mine = frame[frame["method"] == "median[size=5]"]
    assert np.allclose(mine["psnr"].astype(float), direct["psnr"].astype(float))
    again = usbench.run(["median[size=5]"], ["phantom[count=2]+psf"], **arguments)
    assert again["psnr"].tolist() == frame["psnr"].tolist()
    with pytest.raises(UsageError, match="nosuch"):
        usbench.run("median", "phantom+psf", nosuch=1)
