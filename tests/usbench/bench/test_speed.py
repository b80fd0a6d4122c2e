"""The timing lane: what pytest-benchmark reports becomes rows."""

from dataclasses import replace

import numpy as np
import pytest
import short_calls
import torch
from processes import wait_until
from program_files import program
from usbench.methods.pix2pix.generator import load_generator

import usbench
from usbench.bench.neighbours import SPINNING, busy_neighbours
from usbench.bench.network_size import work_of
from usbench.bench.peak_memory import PeakMemory
from usbench.bench.speed import BUSY, SPEED_COLUMNS, Protocol, _attempts, _figures, measure_speeds, speed_key
from usbench.bench.store import SPEED, Store
from usbench.board.speed import current_speeds, speed_tables
from usbench.cli.app import run_command
from usbench.evaluation.limits import cores

QUICK = Protocol(sizes=(32, 64), batches=(3,), batch_size=32, seconds=0.05, attempts=1)
SLOW = program("slow")


@pytest.mark.full
def test_a_method_is_timed_at_each_size_and_in_a_batch_and_only_once(tmp_path):
    file = tmp_path / "slow.py"
    file.write_text(SLOW)
    store, asked = Store(tmp_path / "results"), []
    keys = measure_speeds([str(file)], QUICK, store, lambda name, *_: asked.append(name))
    rows = store.read(keys, SPEED)
    assert set(SPEED_COLUMNS) <= set(rows.columns)
    assert list(zip(rows["size"], rows["batch"], strict=True)) == [(32, 1), (64, 1), (32, 3)]
    assert rows["median_ms"].between(50, 500).all()
    assert rows["median_ms"].iloc[2] > 2.5 * rows["median_ms"].iloc[0]
    assert (rows["rounds"] >= 5).all()
    assert (rows["status"] == "ok").all()
    assert rows["busy_ratio"].gt(0).tolist() == [True, True, False]  # of a batch there is none
    assert measure_speeds([str(file)], QUICK, store, lambda name, *_: asked.append(name)) == keys
    assert asked == [str(file)]


@pytest.mark.full
def test_a_method_that_raises_or_hangs_has_a_row_that_says_so(tmp_path):
    file = tmp_path / "bad.py"
    file.write_text(SLOW.replace("time.sleep(seconds)", "raise ValueError('no such luck')"))
    slow = tmp_path / "slow.py"
    slow.write_text(SLOW)
    store = Store(tmp_path / "results")
    bad = measure_speeds([str(file)], QUICK, store)
    late = measure_speeds([f"{slow}[seconds=60]"], replace(QUICK, sizes=(32,), batches=(), limit=8), store)
    reasons = store.read(bad + late, SPEED)["reason"].tolist()
    assert "no such luck" in reasons[0]
    assert "more than 8 s" in reasons[1]


def test_a_slow_method_is_timed_by_fewer_calls_at_the_sizes_for_which_there_is_time(tmp_path, monkeypatch):
    monkeypatch.setattr("usbench.bench.speed_session.measure", short_calls.measure)
    file = tmp_path / "slow.py"
    file.write_text(SLOW.replace("time.sleep(seconds)", "time.sleep(seconds * image.shape[0] ** 2 / 32 ** 2)"))
    protocol = replace(QUICK, sizes=(32, 512), batches=(200,), limit=45, neighbours=False)
    store = Store(tmp_path / "results")
    rows = store.read(measure_speeds([f"{file}[seconds=0.35]"], protocol, store), SPEED)
    assert list(zip(rows["size"], rows["batch"], rows["status"], strict=True)) == [
        (32, 1, "ok"),
        (512, 1, "failed"),
        (32, 200, "failed"),
    ]
    assert rows["rounds"].iloc[0] == 3
    assert rows["median_ms"].iloc[0] >= 350
    assert rows["reason"].iloc[1] == "it would take more than 45 s with the other sizes"
    (table,) = speed_tables(current_speeds(rows))
    (line,) = table.lines
    assert line[1][0][1] >= 350
    assert [text for text, _ in line[1][1:3]] == ["–", "–"]


def test_the_key_follows_the_parameters_and_the_protocol():
    keys = {speed_key(name, protocol) for name in ("median", "median[size=3]") for protocol in (QUICK, Protocol())}
    assert len(keys) == 4


@pytest.mark.parametrize(("load", "iqr", "busy"), [(0.0, 0.01, False), (0.5, 0.01, True), (0.0, 0.2, True)])
def test_a_figure_of_a_busy_machine_is_marked(load, iqr, busy):
    stats = {"median": 1.0, "iqr": iqr, "rounds": 5}
    figures = _figures({"stats": stats, "extra_info": {"size": 256, "batch": 1}}, load)
    assert figures["busy"] == busy
    assert figures["median_ms"] == 1000
    assert BUSY == 0.08


@pytest.mark.parametrize(("first", "kept", "taken"), [([False], [False], 1), ([True, True], [True, False], 3)])
def test_what_a_busy_machine_spoils_is_taken_again_and_the_best_is_kept(first, kept, taken, monkeypatch):
    attempts = [[{"busy": busy} for busy in figures] for figures in (first, [True, False], [True, True])]
    left = list(attempts)
    monkeypatch.setattr("usbench.bench.speed._rows", lambda *_: left.pop(0))
    assert [figure["busy"] for figure in _attempts(None, "median", Protocol(attempts=3))] == kept
    assert len(attempts) - len(left) == taken


def test_neighbours_keep_every_core_busy_and_end():
    import psutil

    with busy_neighbours():
        children = psutil.Process().children()
        spinning = [child for child in children if SPINNING in child.cmdline()]
        assert len(spinning) == cores()
        wait_until(lambda: all(sum(child.cpu_times()[:2]) >= 0.05 for child in spinning), 60)
    assert not any(child.is_running() for child in spinning)


def test_the_peak_of_memory_is_that_of_the_block():
    held = np.ones(2**21)  # 16 MiB before
    with PeakMemory("cpu") as memory:
        np.ones(2**23).sum()  # 64 MiB for a moment: more than an allocator keeps at hand
    if memory.mib is None:
        pytest.skip("this system does not tell the peak")
    assert 60 < memory.mib < 80
    assert memory.device_mib is None
    assert held.sum() == 2**21


def test_the_work_of_a_network_is_counted_and_a_filter_has_none():
    network = usbench.load_method("gan-d")
    network.prepare("cpu")
    batch = torch.rand(1, 1, 64, 64)
    small, large = work_of(network, batch), work_of(network, torch.rand(1, 1, 128, 128))
    shipped = load_generator(network.weights_index())
    assert small.parameters == large.parameters == sum(values.numel() for values in shipped.parameters())
    assert large.macs == pytest.approx(4 * small.macs, rel=0.02)
    lee = usbench.load_method("lee")
    lee.prepare("cpu")
    assert work_of(lee, batch).parameters is None


def test_work_is_that_of_a_convolution():
    class One(usbench.Method):
        name = "one"
        card = usbench.MethodCard(title="one", family="test")

        def prepare(self, device="cpu"):
            object.__setattr__(self, "_network", torch.nn.Conv2d(1, 5, 3, padding=1))

        def despeckle(self, image):
            return self._network(image)[:, :1]

    method = One()
    method.prepare()
    work = work_of(method, torch.rand(1, 1, 10, 12))
    assert (work.parameters, work.macs) == (5 * 9 + 5, 5 * 9 * 10 * 12)


def test_the_command_line_times_what_is_not_stored(made_up_times, tmp_path, capsys):
    file = tmp_path / "slow.py"
    file.write_text(SLOW)
    arguments = ["time", "-m", str(file), "--size", "16", "--batch", "2", "--results", str(tmp_path / "r")]
    assert run_command(arguments) == 0
    first = capsys.readouterr()
    assert "images/s" in first.out
    assert f"1 of 1: {file}" in first.err
    assert run_command([*arguments, "--json"]) == 0
    again = capsys.readouterr()
    assert '"size":16' in again.out
    assert not again.err
