"""What is said of the time left while a run goes on."""

import io
import sys
import time
from types import SimpleNamespace

import pytest

from usbench.cli import progress
from usbench.cli.progress import LiveProgress, duration

UNIT = SimpleNamespace(key="k", about={"method": "lee", "dataset": "echo"})


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: now.seconds)
    return now


def test_no_time_left_before_5_percent_and_timing_is_counted_in(clock):
    live = LiveProgress()
    live.planned(2, 100, 2, 100, 4)
    clock.seconds = 10.0
    for _ in range(5):
        live.image_done()
    assert live.seconds_left() is None
    assert live.state() == "5 of 100 images, 0 of 4 timed"
    live.image_done()
    assert live.seconds_left() == pytest.approx(94 * 10 / 6 + 4 * progress.TIMING_SECONDS)
    for _ in range(94):
        live.image_done()
    live.timing("lee", 0, 4)
    clock.seconds = 17.0
    live.timing("median", 1, 4)
    assert live.seconds_left() == pytest.approx(3 * 7.0)
    assert live.state() == "100 of 100 images, 1 of 4 timed, 21 s left"


def test_a_run_that_only_times_counts_that(clock):
    live = LiveProgress()
    live.planned(1, 10, 0, 0, 2)
    live.timing("lee", 0, 2)
    assert live.state() == "0 of 2 timed"


def test_a_redirected_run_prints_a_line_at_a_steady_pace_even_while_no_image_ends(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.05)
    with LiveProgress() as live:
        live.planned(1, 10, 1, 10, 0)
        live.started(UNIT)
        time.sleep(0.4)
    lines = stream.getvalue().splitlines()
    assert len(lines) >= 2
    assert set(lines) == {"0 of 10 images: lee on echo"}
    time.sleep(0.15)
    assert stream.getvalue().splitlines() == lines


def test_lines_are_30_seconds_apart():
    assert progress.LINE_SECONDS == 30


@pytest.mark.parametrize(("seconds", "text"), [(40, "40 s"), (90, "2 min"), (720, "12 min"), (11100, "3 h 05 min")])
def test_durations_have_units(seconds, text):
    assert duration(seconds) == text
