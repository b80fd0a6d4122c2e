"""From rows to leaderboards."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import usbench
from usbench.board.leaderboards import Leaderboards, leaderboards
from usbench.board.rows import current_rows
from usbench.board.summary import summarise
from usbench.board.tables import write_tables
from usbench.board.wording import number

METRICS = {name: usbench.load_metric(name) for name in ("psnr", "cnr", "ssi")}


def rows(method: str, dataset: str, values: list, kind: str = "simulated", **columns) -> pd.DataFrame:
    count = len(values)
    frame = pd.DataFrame(
        {
            "method": method,
            "params": "{}",
            "dataset": dataset,
            "split": "test",
            "kind": kind,
            "sample": [f"s{n}" for n in range(count)],
            "group": [f"g{n // 2}" for n in range(count)],
            "status": "ok",
            "specs": json.dumps(dict.fromkeys(METRICS, "spec")),
            "skipped": json.dumps({"cnr": "no contrast ROIs"}),
            "failures": "{}",
            "psnr": values,
            "cnr": np.nan,
            "ssi": 0.5,
        }
    )
    return frame.assign(**columns)


def written(frame: pd.DataFrame, folder: Path, notes: dict | None = None) -> list[Path]:
    return write_tables(Leaderboards(tuple(summarise(frame, METRICS)), notes=notes or {}), folder)


def test_means_counts_failures_and_skips():
    frame = rows("a", "d", [10.0, 20.0, np.nan, 30.0])
    frame.loc[2, "status"] = "failed"
    (board,) = summarise(frame, METRICS)
    (line,) = board.lines
    psnr, cnr = line.cells["psnr"], line.cells["cnr"]
    assert (psnr.mean, psnr.n, psnr.failed, psnr.skipped) == (20, 3, 1, 0)
    assert (cnr.mean, cnr.n, cnr.failed, cnr.skipped) == (None, 0, 0, 4)


def test_tables_are_the_same_bytes_twice(tmp_path):
    frame = pd.concat([rows("a", "d", [1.0, 2, 3, 4]), rows("identity", "e", [5.0, 6, 7, 8], kind="real")])
    first = {path.name: path.read_bytes() for path in written(frame, tmp_path / "1")}
    second = {path.name: path.read_bytes() for path in written(frame.iloc[::-1], tmp_path / "2")}
    assert first == second
    assert set(first) == {f"{board}.{kind}" for board in ("simulated", "real") for kind in ("md", "csv", "tex")} | {
        "speed.md",
        "speed.csv",
    }


def test_tables_rank_show_controls_and_tell_licences(tmp_path):
    frame = pd.concat([rows("a", "d", [1.0, 2]), rows("b", "d", [3.0, 4]), rows("identity", "d", [0.0, 1])])
    written(frame, tmp_path, {"b": "not for sale"})
    text = (tmp_path / "simulated.md").read_text()
    assert "**3.500**" in text
    assert text.index("| b † |") < text.index("| a |") < text.index("| *identity* |")
    assert "psnr, dB ↑" in text
    assert "† b: not for sale" in text
    assert "cnr" not in text.split("## d")[1].split("Apply to none of the images: cnr.")[0]
    table = list(csv.DictReader(io.StringIO((tmp_path / "simulated.csv").read_text())))
    assert {row["method"]: float(row["mean"]) for row in table if row["metric"] == "psnr"} == {
        "a": 1.5,
        "b": 3.5,
        "identity": 0.5,
    }


def test_methods_that_a_run_leaves_out_are_listed_with_the_reason(tmp_path):
    frame = pd.concat([rows("slow[steps=2]", "d", [1.0, 2, 3, 4]), rows("a", "e", [5.0, 6, 7, 8], kind="real")])
    left_out = {"slow": "slow takes hours.", "other": "other has no weights."}
    write_tables(Leaderboards(tuple(summarise(frame, METRICS)), methods_left_out=left_out), tmp_path)
    simulated, real = ((tmp_path / f"{kind}.md").read_text() for kind in ("simulated", "real"))
    assert "## Not on all boards\n\n- other has no weights.\n" in simulated
    assert "- slow takes hours.\n- other has no weights.\n" in real


def test_all_reasons_are_those_of_a_run_of_everything():
    found = leaderboards(rows("a", "d", [1.0, 2, 3, 4]), pd.DataFrame(), METRICS)
    assert "40 minutes" in found.methods_left_out["dip"]
    assert "gan-d" not in found.methods_left_out


def test_the_newest_run_counts(tmp_path):
    old = rows("a", "d", [1.0, 2]).assign(key="old")
    new = rows("a", "d", [5.0, 6]).assign(key="new")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "2026-01-01.json").write_text(json.dumps({"keys": ["old"]}))
    (tmp_path / "runs" / "2026-01-02.json").write_text(json.dumps({"keys": ["new"]}))
    for stored in (pd.concat([old, new]), pd.concat([new, old])):
        assert current_rows(stored, tmp_path)["psnr"].tolist() == [5.0, 6.0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (np.inf, "∞"),
        (np.nan, "–"),
        (0.12345, "0.123"),
        (23.456, "23.46"),
        (1234.5, "1234"),
        (-3.2, "-3.200"),
        (-0.0001, "0.000"),
        (-np.inf, "-∞"),
    ],
)
def test_numbers_have_four_digits(value, text):
    assert number(value) == text


@pytest.mark.parametrize("obstacle", ["simulated.csv", "speed.md", "index.html", "rows.parquet"])
def test_boards_that_cannot_all_be_written_leave_the_old_ones(obstacle, tmp_path, capsys):
    from usbench.bench.store import Store
    from usbench.cli.app import run_command

    frame = rows("a", "d", [1.0, 2])
    Store(tmp_path / "results").write("a1", frame.to_dict("records"), list(frame.columns))
    boards = tmp_path / "boards"
    command = ["tables", "--results", str(tmp_path / "results"), "--out", str(boards)]
    assert run_command(command) == 0
    before = {path: path.read_bytes() for path in boards.iterdir() if path.is_file() and path.name != obstacle}
    (boards / obstacle).unlink()
    (boards / obstacle).mkdir()
    again = frame.assign(method="b", psnr=3.0)
    Store(tmp_path / "results").write("b1", again.to_dict("records"), list(again.columns))
    assert run_command(command) == 1
    assert f"cannot be written to {boards}" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in boards.iterdir() if path.is_file()} == before


def test_names_with_dollars_are_no_formulas(tmp_path):
    from usbench.board.growth import growth_figure

    figures = pd.DataFrame(
        {"method": r"$\frac$", "hardware": r"$\undefined$", "device": "cpu", "threads": 1, "batch": 1, "status": "ok",
         "size": [64, 128, 256, 512], "median_ms": [1.0, 2, 3, 4]}
    )  # fmt: skip
    assert growth_figure(figures, tmp_path / "growth.png")
