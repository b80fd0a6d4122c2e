"""From rows to boards: who leads, who cannot be told apart, and what is missing is counted."""

import numpy as np
import pandas as pd
import pytest
from made_up_rows import made_up_rows

import usbench
from usbench.board.markdown import quality_markdown
from usbench.board.overview import overview
from usbench.board.summary import Cell, Column, summarise

METRICS = {name: usbench.load_metric(name) for name in ("psnr", "ssim", "ratio_mean")}
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=24)


def cells(rows: pd.DataFrame, metric: str = "psnr") -> dict[str, Cell]:
    """The cells of the only board on a metric, by method."""
    (board,) = summarise(rows, METRICS)
    return {line.method: line.cells[metric] for line in board.lines}


def column(rows: pd.DataFrame) -> Column:
    """The column that orders the only board."""
    (board,) = summarise(rows, METRICS)
    return board.first


def page(rows: pd.DataFrame) -> str:
    boards = summarise(rows, METRICS)
    return quality_markdown("simulated", boards, overview(boards), {})


def test_the_best_and_those_that_cannot_be_told_apart_from_it():
    a = 30 + NOISE
    rows = made_up_rows(
        {
            "far": {"psnr": a - 3},
            "close": {"psnr": a + np.resize([0.5, -0.1, -0.4, -0.15], 24)},
            "a": {"psnr": a},
            "identity": {"psnr": a + 9},
        },
        images=24,
    )
    found = cells(rows)
    assert [name for name, cell in found.items() if cell.best] == ["a"]
    assert [name for name, cell in found.items() if cell.second] == ["close"]
    assert {name for name, cell in found.items() if cell.alike} == {"a", "close"}
    assert found["far"].p_best < 0.05 < found["close"].p_best
    assert [found[name].place for name in ("identity", "a", "close", "far")] == [1, 2, 3, 4]
    assert found["far"].mean_rank == 4
    assert found["far"].wins == 0
    assert found["identity"].wins == 0.5


def test_few_groups_tell_nothing_apart_and_the_table_says_so():
    scores = {"a": {"psnr": 30.0}, "b": {"psnr": 20.0}, "c": {"psnr": 10.0}}
    one_patient = made_up_rows(scores, images=24, group_size=24)
    found = cells(one_patient)
    assert not column(one_patient).resolved
    assert found["b"].p_best is None
    assert found["a"].ci_low is None
    assert not found["b"].alike
    text = page(one_patient)
    assert "1 group cannot tell 3 methods apart" in text
    assert column(made_up_rows(scores, images=24)).resolved


def test_frames_of_one_patient_are_one_observation():
    scores = {"a": {"psnr": 30 + NOISE}, "b": {"psnr": 29.5 + NOISE[::-1]}}
    frames, patients = (made_up_rows(scores, images=24, group_size=size) for size in (1, 4))
    assert (column(frames).groups, column(patients).groups) == (24, 6)
    assert cells(patients)["b"].p_best > cells(frames)["b"].p_best


def test_a_ratio_is_best_at_one_not_above():
    found = cells(
        made_up_rows({"a": {"ratio_mean": 1.3}, "b": {"ratio_mean": 0.9}, "c": {"ratio_mean": 5}}), "ratio_mean"
    )
    assert found["b"].best
    assert found["a"].second


def test_a_failed_image_is_counted_shown_and_never_an_advantage():
    hard = np.where(np.arange(12) < 2, 10.0, 30.0)
    rows = made_up_rows({"whole": {"psnr": hard}, "fragile": {"psnr": hard - 1}, "weak": {"psnr": hard - 5}})
    lost = (rows["method"] == "fragile") & (rows["psnr"] < 20)
    rows.loc[lost, ["psnr", "status", "reason"]] = [np.nan, "failed", "out of memory"]
    found = cells(rows)
    assert found["fragile"].mean == 29 > found["whole"].mean
    assert (found["fragile"].n, found["fragile"].failed) == (10, 2)
    assert found["whole"].best
    assert found["fragile"].place == 3
    assert found["weak"].second
    assert found["fragile"].mean_rank == pytest.approx((10 * 2 + 2 * 3) / 12)
    assert "(2 failed)" in page(rows)


def test_images_that_were_not_run_and_metrics_that_do_not_apply_are_counted():
    partly = np.where(np.arange(12) < 5, np.nan, 0.5)
    rows = made_up_rows({"a": {"psnr": 30.0, "ssim": partly}, "b": {"psnr": 20.0, "ssim": partly}})
    rows = rows[(rows["method"] == "a") | (rows["sample"] < "s0004")]
    found, ssim = cells(rows), cells(rows, "ssim")
    assert (found["b"].n, found["b"].absent) == (4, 8)
    assert (ssim["a"].n, ssim["a"].skipped, ssim["a"].failed) == (7, 5, 0)
    text = page(rows)
    assert "(8 not run)" in text
    assert "(5 n/a)" in text


def test_default_and_tuned_settings_have_lines_of_their_own():
    tuning = '{"metric": "ssim", "trials": 40, "images": 8, "split": "val", "data_hash": "x"}'
    rows = pd.concat(
        [
            made_up_rows({"median": {"psnr": 20.0}, "identity": {"psnr": 10.0}}),
            made_up_rows({"median": {"psnr": 25.0}}, tuning=tuning, params='{"size": 5}'),
        ]
    )
    text = page(rows)
    lines = [line for line in text.splitlines() if line.startswith("| median")]
    assert len(lines) == 2
    assert "tuned: ssim, 40 trials on 8 val images" in lines[0]
    assert "**25.00**" in lines[0]
    assert "20.00" in lines[1]


def test_places_over_data_sets_are_averaged_and_nothing_else():
    tuning = '{"metric": "ssim", "trials": 40, "images": 8, "split": "val", "data_hash": "x"}'
    rows = pd.concat(
        [
            made_up_rows({"a": {"psnr": 30.0}, "b": {"psnr": 20.0}, "c": {"psnr": 25.0}, "once": {"psnr": 99.0}}),
            made_up_rows({"a": {"psnr": 3.0}, "b": {"psnr": 9.0}, "c": {"psnr": 2.0}}, dataset="e"),
            made_up_rows({"b[size=3]": {"psnr": 40.0}}, tuning=tuning),
            made_up_rows({"b[size=5]": {"psnr": 1.0}}, tuning=tuning, dataset="e"),
        ]
    )
    seen = overview(summarise(rows, METRICS))
    assert seen.datasets == ("d (test)", "e (test)")
    assert [(name, mean, places) for name, _, mean, places in seen.lines] == [
        ("a", 2.0, (2, 2)),
        ("b", 2.5, (4, 1)),
        ("b (tuned)", 2.5, (1, 4)),
        ("c", 3.0, (3, 3)),
    ]
    assert seen.left_out == ("once",)
    assert overview(summarise(made_up_rows({"a": {"psnr": 1.0}}), METRICS)) is None
    text = page(rows)
    assert "| a |  | 2.00 | 2 | 2 |" in text
    assert "Not run on every data set: once." in text


def test_boards_come_in_the_order_of_the_rows_and_lines_by_their_place():
    scores = {"zeta": {"psnr": 1.0}, "alpha": {"psnr": 3.0}, "mid": {"psnr": 2.0}}
    rows = pd.concat([made_up_rows(scores, dataset="z"), made_up_rows(scores, dataset="a")])
    boards = summarise(rows, METRICS)
    assert [board.dataset for board in boards] == ["z", "a"]
    assert [line.method for line in boards[0].lines] == ["alpha", "mid", "zeta"]


def test_a_setting_with_former_defaults_is_not_in_the_tables():
    former, present = made_up_rows({"a": {"psnr": 1.0}}, params='{"b": 1}'), made_up_rows({"a": {"psnr": 2.0}})
    (board,) = summarise(pd.concat([former, present]), METRICS)
    assert [line.params for line in board.lines] == [{}, {"b": 1}]
    assert [line.params for line in board.listed] == [{}]
