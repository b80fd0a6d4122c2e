"""From rows to boards: who leads, who cannot be told apart, and what is missing is counted."""

import re

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


@pytest.mark.parametrize(("group_size", "said"), [(24, "One group"), (8, "3 groups")])
def test_fewer_than_four_groups_have_no_interval_and_no_test_and_the_table_says_so(group_size, said):
    scores = {"a": {"psnr": 30 + NOISE}, "b": {"psnr": 20 + NOISE}, "c": {"psnr": 10.0}}
    few = made_up_rows(scores, images=24, group_size=group_size)
    found = cells(few)
    assert not column(few).resolved
    assert column(few).tau is None
    for cell in found.values():
        assert (cell.ci_low, cell.ci_high, cell.p_best, cell.alike) == (None, None, None, False)
    text = page(few)
    assert f"{said}: no interval and no test, an order, not a finding." in text
    table = text.partition("## d")[2]
    assert re.search(r"\| \*\*\d\d\.\d\d\*\* \|", table)
    assert not re.search(r"\d \[", table)
    assert "tau" not in table


def test_four_groups_have_an_interval_and_a_test():
    scores = {"a": {"psnr": 30 + NOISE}, "b": {"psnr": 20 + NOISE}, "c": {"psnr": 10.0}}
    four = made_up_rows(scores, images=24, group_size=6)
    found = cells(four)
    assert column(four).resolved
    assert found["a"].ci_low < found["a"].mean < found["a"].ci_high
    assert found["b"].p_best < 0.05
    assert "≈: paired t test on the means of 4 groups, corrected for 3 methods, at 5 %." in page(four)
    assert "signed-rank test on the means of 24 groups" in page(made_up_rows(scores, images=24))


def test_frames_of_one_patient_are_one_observation():
    scores = {"a": {"psnr": 30 + NOISE}, "b": {"psnr": 29.5 + NOISE[::-1]}}
    scores = {name: {"psnr": found["psnr"][:16]} for name, found in scores.items()}
    frames, patients = (made_up_rows(scores, images=16, group_size=size) for size in (1, 4))
    assert (column(frames).groups, column(patients).groups) == (16, 4)
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


def test_the_tuned_setting_of_a_method_competes_and_its_defaults_are_in_a_table_below():
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
    head, others = text.partition("## d")[2].split("Other settings, which take no part in the order:")
    assert lines[0] in head
    assert "| *identity* |" in head
    assert lines[1] in others
    (board,) = summarise(rows, METRICS)
    assert [(line.method, bool(line.tuning), line.role) for line in board.lines] == [
        ("median", True, "candidate"),
        ("identity", False, "control"),
        ("median", False, "other"),
    ]
    assert [line.cells["psnr"].place for line in board.lines] == [1, 2, None]
    assert board.lines[2].cells["psnr"].mean_rank is None


def test_a_method_competes_once_with_its_defaults_though_another_setting_is_better():
    rows = made_up_rows({"a[b=1]": {"psnr": 9.0}, "a": {"psnr": 5.0}, "c[b=2]": {"psnr": 4.0}, "c[b=3]": {"psnr": 6.0}})
    (board,) = summarise(rows, METRICS)
    assert [(line.method, line.role) for line in board.lines] == [
        ("a", "candidate"),
        ("c[b=2]", "candidate"),  # the first by name: a choice by its score would favour it
        ("a[b=1]", "other"),
        ("c[b=3]", "other"),
    ]
    assert [line.method for line in board.lines if line.cells["psnr"].best] == ["a"]
    assert board.first.rivals == 2


def test_settings_that_do_not_compete_do_not_cost_the_others_power():
    a = 30 + NOISE
    rivals = {"a": {"psnr": a}, "b": {"psnr": a - 0.5 - NOISE[::-1] / 4}}
    more = {f"b[size={n}]": {"psnr": a - 1} for n in range(20)}
    alone, among_more = (cells(made_up_rows(scores, images=24)) for scores in (rivals, rivals | more))
    assert alone["b"].p_best == among_more["b"].p_best


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
        ("a", 1.5, (2, 1)),
        ("b (tuned)", 2.0, (1, 3)),
        ("c", 2.5, (3, 2)),
    ]
    assert seen.left_out == ("once",)
    assert overview(summarise(made_up_rows({"a": {"psnr": 1.0}}), METRICS)) is None
    text = page(rows)
    assert "| a |  | 1.50 | 2 | 1 |" in text
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
