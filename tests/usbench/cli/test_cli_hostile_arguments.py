"""Wrong arguments are a sentence: no traceback, no hang, nothing stored."""

import json
import os

import pytest

from usbench.cli.app import run_command

RUN = ["run", "-m", "median", "-d", "natural[size=32]+gamma", "--limit", "1", "--metric", "psnr"]
LONG = "x" * 300


def refused(arguments: list[str], capsys, code: int | tuple = 2) -> str:
    assert run_command(arguments) in (code if isinstance(code, tuple) else (code,))
    said = capsys.readouterr().err
    assert "Internal error" not in said
    assert said.count("\n") == 1, said
    return said


@pytest.mark.parametrize("value", ["1e300", "nan", "inf", "-inf", "-1", "0", "1e999"])
@pytest.mark.parametrize(
    "command",
    [
        [*RUN, "--isolate", "--memory"],
        [*RUN, "--time-limit"],
        ["time", "-m", "median", "--time-limit"],
        ["check", "median", "--seconds"],
    ],
    ids=lambda command: " ".join(command[:1] + command[-1:]),
)
def test_numbers_out_of_range_are_wrong_usage(command, value, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused([*command, value], capsys)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command",
    [
        [*RUN, "--workers", "100000"],
        [*RUN, "--workers", "0"],
        [*RUN, "--limit", "0"],
        [*RUN, "--limit", "-1"],
        ["tune", "lee", "-d", "natural+rayleigh", "--seeds", "100000"],
        ["tune", "lee", "-d", "natural+rayleigh", "--trials", "1000000000"],
        ["run", "-m", "lee[cu=nan]", "-d", "natural+gamma"],
        ["run", "-m", "lee[size=1e300]", "-d", "natural+gamma"],
        ["run", "-m", "lee[cu=inf]", "-d", "natural+gamma"],
        ["run", "-m", "median", "-d", "natural+psf[axial=nan]"],
    ],
    ids=" ".join,
)
def test_counts_and_parameters_have_ranges(command, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(command, capsys)


@pytest.mark.parametrize(
    "command",
    [
        [*RUN, "--results", LONG],
        ["run", "-m", f"./{LONG}.py", "-d", "natural+gamma"],
        ["run", "-m", LONG, "-d", "natural+gamma"],
        ["run", "-m", "median", "-d", f"folder:{LONG}"],
        ["run", "-m", f"dncnn[weights={LONG}]", "-d", "natural+gamma"],
        ["tables", "--results", LONG],
        ["merge", LONG, "--into", "all"],
        ["merge", "nosuch", "--into", LONG],
        ["compare", "a", "b", "--results", LONG],
        ["weights", "add", "gan-d-zenodo", LONG],
        ["run", "-m", "median", "-d", "natural+gamma", "--no-timing", "--dask", LONG],
        ["tune", "lee", "-d", "natural+rayleigh", "--results", LONG],
        ["picture", "-m", "identity", "-d", "natural[size=32]+gamma", "--out", f"{LONG}.png"],
    ],
    ids=lambda command: " ".join(part[:12] for part in command),
)
def test_names_of_more_than_255_bytes(command, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(command, capsys, (1, 2))


@pytest.fixture
def fifo(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    return str(tmp_path / "fifo")


@pytest.mark.parametrize("device", ["fifo", "/dev/zero", "/dev/full", "/dev/null"])
@pytest.mark.parametrize(
    "command",
    [
        [*RUN, "--results", "{}"],
        ["run", "-m", "median", "-d", "folder:{}"],
        ["run", "-m", "{}", "-d", "natural+gamma"],
        ["run", "-m", "dncnn[weights={}]", "-d", "natural+gamma"],
        ["run", "-m", "median", "-d", "natural+gamma", "--no-timing", "--dask", "{}"],
        ["tables", "--results", "{}"],
        ["tables", "--results", "results", "--out", "{}"],
        ["merge", "{}", "--into", "all"],
        ["compare", "a", "b", "--results", "{}"],
        ["tune", "lee", "-d", "natural+rayleigh", "--results", "{}"],
        ["weights", "add", "gan-d-zenodo", "{}"],
        ["check", "{}"],
    ],
    ids=" ".join,
)
def test_devices_and_pipes_in_the_place_of_files_and_folders(command, device, fifo, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    named = fifo if device == "fifo" else device
    refused([part.format(named) if "{}" in part else part for part in command], capsys, (1, 2))


@pytest.mark.parametrize(
    "card",
    [
        [], 5, "x", None, {}, {"files": []}, {"network": 5}, {"network": "dncnn", "files": {"../x": "0"}},
        {"network": "dncnn", "files": {}, "width": "wide", "depth": -1},
        {"network": "dncnn", "files": {}, "width": 10**12, "depth": 3},
        {"network": "dncnn", "files": {}, "width": [1], "depth": {}},
        {"products": 5, "simulated": {"a": 1}, "files": {}},
    ],
    ids=lambda card: json.dumps(card)[:40],
)  # fmt: skip
def test_cards_of_weights_of_a_wrong_shape(card, tmp_path, capsys):
    (tmp_path / "card.json").write_text(json.dumps(card))
    command = ["picture", "-m", f"dncnn[weights={tmp_path / 'card.json'}]", "-d", "natural[size=32]+gamma"]
    refused([*command, "--out", str(tmp_path / "x.png")], capsys, (1, 2))


@pytest.mark.parametrize(
    "address", ["tls://127.0.0.1:1", "ucx://127.0.0.1:1", "tcp://nosuch.invalid:1", "tcp://:x", "://"]
)
def test_schedulers_that_cannot_be(address, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("usbench.bench.cluster.connect.PATIENCE_SECONDS", 1)
    refused([*RUN, "--no-timing", "--dask", address], capsys, (1, 2))
