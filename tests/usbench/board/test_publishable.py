"""Rows of another version, or without what orders or flags their board, are not published."""

import json

import numpy as np
import pytest
from made_up_rows import made_up_rows

import usbench
from usbench.bench.store import Store
from usbench.board.publishable import unfit
from usbench.cli.app import run_command
from usbench.evaluation.evaluate import evaluate

SET = "phantom[count=2]+rayleigh"


@pytest.fixture(scope="module")
def rows():
    metrics = [usbench.load_metric(name) for name in ("psnr", "psnr_affine", "gcnr")]
    return evaluate(usbench.load_method("gan-d"), usbench.load_dataset(SET), metrics).assign(key="0" * 24)


def test_rows_of_the_installed_versions_may_be_published(rows):
    assert unfit(rows) == ""


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("dataset_version", "0", f"rows of version 0 of {SET} (test)"),
        ("version", "0", "rows of version 0 of gan-d; "),
        ("weights_hash", "abc", "rows of gan-d with other weights"),
        ("metric_versions", json.dumps({"psnr": "0"}), "rows of version 0 of the metric psnr"),
        ("protocol", 0, "rows of protocol 0; "),
    ],
)
def test_rows_of_another_version_are_refused_with_what_computes_new_ones(rows, column, value, said):
    found = unfit(rows.assign(**{column: value}))
    assert said in found
    assert "`usbench run" in found
    assert found.count("\n") == 0


def test_rows_of_plugins_that_are_not_here_are_not_compared(rows):
    foreign = rows.assign(version="0", weights_hash="abc", origin="another.package:GanD")
    assert unfit(foreign) == ""
    assert unfit(rows.assign(dataset="far+away", dataset_version="0")) == ""


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({}, ""),
        ({"edge_width": 1.0}, "lack edge_width"),
        ({"psnr_affine": 20.0}, "lack psnr_affine"),
        ({"lpips": 0.1}, ""),
    ],
)
def test_a_metric_that_orders_or_flags_must_be_in_all_rows_of_a_board(others, said):
    found = unfit(made_up_rows({"a": {"psnr": 20.0}, "b": {"psnr": 21.0, **others}}))
    assert said in found
    assert bool(said) == bool(found)


def test_the_command_refuses_and_leaves_the_boards_as_they_were(tmp_path, capsys):
    results, boards = tmp_path / "results", tmp_path / "boards"
    good = made_up_rows({"a": {"psnr": np.arange(12.0)}, "b": {"psnr": np.arange(12.0)}})
    Store(results).write("1" * 24, good.to_dict("records"), list(good.columns))
    assert run_command(["tables", "--results", str(results), "--out", str(boards)]) == 0
    before = (boards / "simulated.md").read_bytes()
    more = made_up_rows({"c": {"psnr": 30.0, "edge_width": 2.0}})
    Store(results).write("2" * 24, more.to_dict("records"), list(more.columns))
    for command in (["tables", "--out", str(boards)], ["tables", "-d", "d", "--out", str(tmp_path / "one.tex")]):
        assert run_command([*command, "--results", str(results)]) == 1
        assert "lack edge_width" in capsys.readouterr().err
    assert (boards / "simulated.md").read_bytes() == before
    assert not (tmp_path / "one.tex").exists()
