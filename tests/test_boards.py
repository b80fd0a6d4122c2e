"""What `nox -s boards` runs."""

import itertools
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from program_files import module_of

from usbench import registry
from usbench.bench.suites import TRANSFER

FILE = Path(__file__).parents[1] / ".ci" / "boards.py"


@pytest.fixture
def boards():
    return module_of(FILE)


@pytest.fixture
def commands(boards, monkeypatch):
    called = []

    def run(command):
        called.append(command[3:])
        return CompletedProcess(command, int(command[3] != "tables"))  # a method failed on an image: the rows say so

    monkeypatch.setattr(boards.subprocess, "run", run)
    return called


def after(option: str, command: list[str]) -> list[str]:
    return [value for word, value in itertools.pairwise(command) if word == option]


def test_methods_and_sets_that_it_names_exist(boards, commands):
    boards.main(["--part", "run"])
    for command in commands:
        for name in after("-m", command):
            registry.load_method(name)
        for name in after("-d", command):
            registry.load_dataset(name)
    assert [len(after("-m", command)) for command in commands][1:] == [10, 5, 2]
    assert after("-d", commands[2]) == list(TRANSFER)


def test_two_shares_are_all_searches_and_none_is_on_images_of_a_test(boards, commands):
    everything = list(boards.searches())
    for share in ("0/2", "1/2"):
        boards.main(["--part", "tune", "--share", share])
    assert sorted((command[1], command[3]) for command in commands) == sorted(everything)
    assert not [dataset for _, dataset in everything if "whole=true" in dataset]
    assert {"abdomen[count=48]+psf+lesions", "leaves[count=48]+psf"} <= {dataset for _, dataset in everything}


def test_parts_follow_each_other_and_a_refused_command_ends_them(boards, commands, monkeypatch):
    monkeypatch.setattr(boards, "searches", lambda: iter([("mean", "phantom+psf")]))
    boards.main([])
    assert [command[0] for command in commands] == [
        "tune",
        "run",
        "run",
        "run",
        "run",
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
