"""The times beside the methods of a board's page."""

import json
from typing import Any

import pandas as pd
from made_up_rows import made_up_rows, made_up_time

import usbench
from usbench.board.leaderboards import Leaderboards
from usbench.board.page.payload import payload
from usbench.board.speed import current_speeds
from usbench.board.summary import summarise

METRICS = {"psnr": usbench.load_metric("psnr")}


def boards(rows: pd.DataFrame, *times: dict[str, object]) -> list[dict[str, Any]]:
    speeds = current_speeds(pd.DataFrame(times)) if times else pd.DataFrame()
    return payload(Leaderboards(tuple(summarise(rows, METRICS)), speeds=speeds))["boards"]


def test_times_are_those_of_the_speed_board():
    rows = made_up_rows({"lee": {"psnr": 1.0}, "median": {"psnr": 2.0}})
    (board,) = boards(rows, made_up_time("lee", 9.0))
    assert {line["method"]: line["ms"] for line in board["lines"]} == {"lee": 9.0, "median": None}
    assert board["hardware"] == "A machine, cpu, 2 threads, 256 x 256 pixels"


def test_times_are_of_the_machine_and_size_that_tell_of_most_methods_of_the_board():
    figures = [
        ("lee", "Old", 128, 1.0), ("lee", "Old", 256, 4.0),
        ("lee", "New", 256, 3.0), ("median", "New", 256, 2.0), ("lee", "New", 512, 9.0), ("median", "New", 512, 8.0),
    ]  # fmt: skip
    taken = [made_up_time(m, t, hardware=h, size=s) for m, h, s, t in figures]
    rows = made_up_rows({"lee": {"psnr": 1.0}, "median": {"psnr": 2.0}})
    (board,) = boards(rows, *taken)
    assert {line["method"]: line["ms"] for line in board["lines"]} == {"lee": 3.0, "median": 2.0}
    assert board["hardware"] == "New, cpu, 2 threads, 256 x 256 pixels"
    (none,) = boards(rows)
    assert {line["ms"] for line in none["lines"]} == {None}


def test_a_setting_that_was_not_timed_has_the_time_of_its_defaults_and_says_so():
    taken = [
        made_up_time("lee", 9.0, params='{"size":7}'),
        made_up_time("lee[size=3]", 4.0, params='{"size":3}'),
        made_up_time("median", 20.0, params='{"size":5}', size=512),
    ]
    tuning = json.dumps({"metric": "psnr", "split": "val", "trials": 40, "images": 8})
    settings = [("lee[size=5]", '{"size":5}', tuning), ("lee[size=3]", '{"size":3}', tuning),
                ("median", '{"size":5}', ""), ("frost", "{}", "")]  # fmt: skip
    rows = pd.concat(
        [made_up_rows({name: {"psnr": 1.0}}, params=params, tuning=told) for name, params, told in settings]
    )
    (board,) = boards(rows, *taken)
    assert {line["method"]: (line["ms"], line["ms_note"]) for line in board["lines"]} == {
        "lee[size=5]": (9.0, "its defaults"),
        "lee[size=3]": (4.0, ""),
        "median": (20.0, "at 512²"),
        "frost": (None, ""),
    }
