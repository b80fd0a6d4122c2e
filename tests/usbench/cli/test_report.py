"""What a run ends with."""

import io
import json

import numpy as np
import pandas as pd
from made_up_rows import made_up_rows
from rich.console import Console

import usbench
from usbench.board.summary import summarise
from usbench.cli.report import Report

METRICS = {name: usbench.load_metric(name) for name in ("psnr", "ssim")}
SPEEDS = pd.DataFrame(
    {
        "method": ["identity", "a", "b"], "params": "{}", "size": 256, "batch": [1, 1, np.nan],
        "median_ms": [0.5, 12.25, np.nan], "iqr_ms": [0.1, 0.2, np.nan], "status": ["ok", "ok", "failed"],
        "reason": ["", "", "out of memory"],
    }
)  # fmt: skip


def report() -> Report:
    rows = made_up_rows(
        {"identity": {"psnr": np.inf, "ssim": 0.1}, "a": {"psnr": 20.0, "ssim": 0.5}, "b": {"psnr": 30.0, "ssim": 0.4}}
    )
    rows.loc[(rows["method"] == "a") & (rows["sample"] < "s0002"), ["psnr", "ssim", "status"]] = (
        np.nan,
        np.nan,
        "failed",
    )
    return Report(summarise(rows, METRICS), SPEEDS)


def test_the_table_has_a_line_per_method_with_the_untouched_input_in_brackets():
    stream = io.StringIO()
    Console(file=stream, width=120).print(report().table())
    lines = [line.split() for line in stream.getvalue().splitlines()]
    assert ["d", "12", "b", "30.00", "(∞)", "0.400", "(0.100)", "–", "–", "(0.50)"] in lines
    assert ["a", "20.00", "(∞)", "0.500", "(0.100)", "–", "12.2", "(0.50)"] in lines


def test_failures_of_images_and_of_timings_are_said():
    assert report().failures() == [
        "a on d: 2 failed; the stored rows say why.",
        "b could not be timed: out of memory",
    ]


def test_json_has_every_number_and_no_infinity():
    entries = json.loads(json.dumps(report().plain(), allow_nan=False))
    found = {(entry["method"], entry["metric"]): entry for entry in entries}
    assert found["identity", "psnr"]["mean"] is None
    assert (found["a", "ssim"]["mean"], found["a", "ssim"]["failed"]) == (0.5, 2)
    assert (found["a", "latency_ms"]["median"], found["a", "latency_ms"]["size"]) == (12.25, 256)
    assert (found["b", "latency_ms"]["median"], found["b", "latency_ms"]["failed"]) == (None, 1)
