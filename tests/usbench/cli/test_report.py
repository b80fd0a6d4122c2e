"""What a run ends with."""

import io
import json

import numpy as np
import pandas as pd
from made_up_rows import made_up_rows
from rich.console import Console

import usbench
from usbench.board.columns import ORDER
from usbench.board.summary import summarise
from usbench.cli.report import Report
from usbench.core.head_metric import head_metric

METRICS = {name: usbench.load_metric(name) for name in ("psnr_affine", "ssim")}
SPEEDS = pd.DataFrame(
    {
        "method": ["identity", "a", "b"], "params": "{}", "size": 256, "batch": [1, 1, np.nan],
        "median_ms": [0.5, 12.25, np.nan], "iqr_ms": [0.1, 0.2, np.nan], "status": ["ok", "ok", "failed"],
        "reason": ["", "", "out of memory"], "busy": [False, True, False],
    }
)  # fmt: skip


def report() -> Report:
    rows = made_up_rows(
        {
            "identity": {"psnr_affine": np.inf, "ssim": 0.1},
            "a": {"psnr_affine": 20.0, "ssim": 0.5},
            "b": {"psnr_affine": 30.0, "ssim": 0.4},
        }
    )
    rows.loc[(rows["method"] == "a") & (rows["sample"] < "s0002"), ["psnr_affine", "ssim", "status"]] = (
        np.nan,
        np.nan,
        "failed",
    )
    return Report(summarise(rows, METRICS), SPEEDS)


def test_the_table_has_a_line_per_method_with_the_untouched_input_in_brackets():
    lines = printed(report())
    assert ["d", "b", "12", "30.00", "(∞)", "0.400", "(0.100)", "–", "(0.50)"] in lines
    assert ["a", "12", "20.00", "(∞)", "0.500", "(0.100)", "~12.2", "(0.50)"] in lines
    assert any("busy" in line for line in lines)


def printed(shown: Report) -> list[list[str]]:
    stream = io.StringIO()
    shown.listing().print(Console(file=stream, width=120))
    return [line.split() for line in stream.getvalue().splitlines()]


def test_the_metric_that_orders_the_boards_comes_first():
    rows = made_up_rows({"identity": {"psnr": 1, "psnr_affine": 2.0}, "a": {"psnr": 3.0, "psnr_affine": 4.0}})
    shown = Report(summarise(rows, {name: usbench.load_metric(name) for name in ("psnr", "psnr_affine")}), rows[:0])
    assert shown.listing().heads == ["data set", "images", "psnr_affine, dB ↑", "ms/image ↓"]
    assert head_metric("simulated", lesions=False) == ORDER[0]
    real = [name for name in ORDER if name in (head_metric("real", lesions=True), head_metric("real", lesions=False))]
    assert real == ["gaussian_equivalent_4db", "gcnr"]


def test_a_metric_that_was_asked_for_has_a_column_or_a_sentence():
    rows = made_up_rows({"identity": {"enl": 1.0, "gcnr": np.nan}, "a": {"enl": 2.0, "gcnr": np.nan}})
    metrics = {name: usbench.load_metric(name) for name in ("enl", "gcnr")}
    shown = Report(summarise(rows, metrics), rows[:0], ["enl", "gcnr"])
    assert ["d", "12", "2.000", "(1.000)", "–", "–"] in printed(shown)
    assert shown.empty() == ["gcnr does not apply to any of these images; `usbench show gcnr` says what it needs."]


def test_failures_of_images_and_of_timings_are_said():
    assert report().failures() == [
        "a on d: 2 failed; the stored rows say why.",
        "b could not be timed: out of memory",
    ]


def test_json_has_every_number_and_no_infinity():
    entries = json.loads(json.dumps(report().plain(), allow_nan=False))
    found = {(entry["method"], entry["metric"]): entry for entry in entries}
    assert found["identity", "psnr_affine"]["mean"] is None
    assert (found["a", "ssim"]["mean"], found["a", "ssim"]["failed"]) == (0.5, 2)
    assert (found["a", "latency_ms"]["median"], found["a", "latency_ms"]["size"]) == (12.25, 256)
    assert (found["b", "latency_ms"]["median"], found["b", "latency_ms"]["failed"]) == (None, 1)
