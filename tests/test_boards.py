"""What `nox -s boards` runs."""

import itertools
import shutil
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace

import pytest
from program_files import module_of

from usbench import registry
from usbench.bench.suites import TRANSFER
from usbench.bench.tune import find_tuned, tune

FILE = Path(__file__).parents[1] / ".ci" / "boards.py"


@pytest.fixture
def boards(monkeypatch, tmp_path):
    module = module_of(FILE)
    monkeypatch.setattr(module, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(module, "KEPT", tmp_path / "leaderboards")
    return module


@pytest.fixture
def commands(boards, monkeypatch):
    called = []

    def run(command):
        called.append(command[3:])
        return CompletedProcess(command, int(command[3] != "tables"))  # a method failed on an image: the rows say so

    monkeypatch.setattr(boards, "subprocess", SimpleNamespace(run=run))
    return called


def after(option: str, command: list[str]) -> list[str]:
    return [value for word, value in itertools.pairwise(command) if word == option]


def test_methods_and_sets_that_it_names_exist(boards, commands):
    boards.main(["--part", "run", "--part", "slow"])
    for command in commands:
        for name in after("-m", command):
            registry.load_method(name)
        for name in after("-d", command):
            registry.load_dataset(name)
    assert [len(after("-m", command)) for command in commands][1:] == [10, 5, 1, 1]
    assert after("-d", commands[2]) == list(TRANSFER)


def test_two_shares_are_all_searches_and_none_is_on_images_of_a_test(boards, commands):
    everything = list(boards.searches())
    for share in ("0/2", "1/2"):
        boards.main(["--part", "tune", "--share", share])
    assert sorted((command[1], command[3]) for command in commands) == sorted(everything)
    assert not [dataset for _, dataset in everything if "whole=true" in dataset]
    assert {"abdomen[count=48]+psf+lesions", "leaves[count=48]+psf"} <= {dataset for _, dataset in everything}


def test_a_search_is_kept_and_made_once_for_each_version(boards, commands, monkeypatch):
    monkeypatch.setattr(boards, "searches", lambda: iter([("mean", "phantom+psf")]))
    tune("mean", "phantom+psf", boards.RESULTS, trials=1, images=boards.IMAGES, seeds=boards.SEEDS)
    boards.main(["--part", "tune"])
    assert not commands
    shutil.rmtree(boards.RESULTS)  # a new clone has only what was kept
    boards.main(["--part", "tune"])
    assert not commands
    assert find_tuned("mean", registry.load_dataset("phantom+psf"), boards.RESULTS)
    tune("mean", "phantom+psf", boards.RESULTS, trials=1, images=boards.IMAGES, seeds=boards.SEEDS - 1)
    boards.main(["--part", "tune"])
    assert [command[0] for command in commands] == ["tune"]
    tune("mean", "phantom+psf", boards.RESULTS, trials=1, images=boards.IMAGES, seeds=boards.SEEDS)
    assert boards.is_tuned("mean", "phantom+psf", boards.RESULTS)
    monkeypatch.setattr(registry.method_plugin("mean").target, "version", "another")
    assert not boards.is_tuned("mean", "phantom+psf", boards.RESULTS)


def test_parts_follow_each_other_and_a_refused_command_ends_them(boards, commands, monkeypatch):
    monkeypatch.setattr(boards, "searches", lambda: iter([("mean", "phantom+psf")]))
    boards.main([])
    assert [command[0] for command in commands] == [
        "tune",
        *["run"] * 5,
        "time",
        "gallery",
        "tables",
        "tables",
    ]
    for code, word in ((2, "time"), (1, "tables")):
        monkeypatch.setattr(
            boards.subprocess,
            "run",
            lambda command, code=code, word=word: CompletedProcess(command, code * (word in command)),
        )
        with pytest.raises(SystemExit):
            boards.main(["--part", "publish"])
