"""Rows of several machines in one folder, or a sentence on why not."""

import hashlib
import io
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from made_up_rows import made_up_rows
from PIL import Image

from usbench.bench.rows_file import read_keys
from usbench.bench.store import Store
from usbench.bench.tune import Tuned
from usbench.cli.app import run_command

A, B = {"a": {"psnr": 30.0}}, {"b": {"psnr": 20.0}}


def key_of(folder: Path, run: str) -> str:
    return hashlib.sha256(f"{folder.name}-{run}".encode()).hexdigest()[:24]


def machine(folder: Path, rows, run: str) -> Path:
    """A results folder with the rows under one key, from the run of that name."""
    key = key_of(folder, run)
    Store(folder).write(key, rows.to_dict("records"), list(rows.columns))
    Store(folder).write_run(run, {"keys": [key]})
    return folder


def png() -> bytes:
    stream = io.BytesIO()
    Image.new("L", (3, 2)).save(stream, format="PNG")
    return stream.getvalue()


def test_merged_folders_give_the_tables_of_all_their_rows(tmp_path, capsys):
    one, two = machine(tmp_path / "one", made_up_rows(A), "1"), machine(tmp_path / "two", made_up_rows(B), "2")
    into = tmp_path / "all"
    assert run_command(["merge", str(one), str(two), "--into", str(into)]) == 0
    assert "2 new units" in capsys.readouterr().out
    assert set(Store(into).read()["method"]) == {"a", "b"}
    assert {path.name for path in (into / "runs").iterdir()} == {"1.json", "2.json"}
    assert run_command(["merge", str(one), str(two), "--into", str(into), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {str(one): 0, str(two): 0}
    assert run_command(["tables", "--results", str(into), "--out", str(tmp_path / "boards")]) == 0
    assert capsys.readouterr().err == ""
    page = (tmp_path / "boards" / "simulated.md").read_text()
    assert "| a |" in page
    assert "| b |" in page


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"dataset_version": "2"}, "The data set d (test) is version 1 in {one} and 2 in {two}."),
        ({"protocol": 2}, "d (test) was run by protocol 1 in {one} and 2 in {two}."),
        ({"input_hash": "other"}, "On d (test) the image s0000 has the pixels d-0 in {one} and other in {two}."),
        ({"truth_hash": "u"}, "On d (test) the image s0000 is judged by the truth t in {one} and u in {two}."),
        ({"specs": '{"psnr": "peak 255"}'}, "The metric psnr is defined as 'peak 255' in {two} and 'spec' in {one}."),
        ({"metric_versions": '{"psnr": "2"}'}, "The metric psnr is version 1 in {one} and 2 in {two}."),
    ],
)
def test_other_versions_are_refused_with_what_differs_and_nothing_is_written(columns, sentence, tmp_path, capsys):
    versions = {"protocol": 1, "truth_hash": "t", "metric_versions": '{"psnr": "1"}'}
    one = machine(tmp_path / "one", made_up_rows(A, **versions), "1")
    two = machine(tmp_path / "two", made_up_rows(B, **(versions | columns)), "2")
    assert run_command(["merge", str(one), str(two), "--into", str(tmp_path / "all")]) == 1
    said = capsys.readouterr().err
    assert sentence.format(one=one, two=two) in said
    assert said.count("\n") == 1
    assert not (tmp_path / "all").exists()


def test_what_the_target_has_already_is_held_against_the_new(tmp_path, capsys):
    into = machine(tmp_path / "all", made_up_rows(A), "1")
    two = machine(tmp_path / "two", made_up_rows(B, dataset_version="2"), "2")
    assert run_command(["merge", str(two), "--into", str(into)]) == 1
    assert str(into) in capsys.readouterr().err


def test_rows_that_a_later_run_replaced_do_not_count(tmp_path):
    one = machine(tmp_path / "one", made_up_rows(A, dataset_version="0"), "1")
    machine(one, made_up_rows(A), "2")
    two = machine(tmp_path / "two", made_up_rows(B), "1b")
    assert run_command(["merge", str(one), str(two), "--into", str(tmp_path / "all")]) == 0


def test_tables_of_mixed_rows_say_so(tmp_path, capsys):
    one = machine(tmp_path / "one", made_up_rows(A), "1")
    machine(one, made_up_rows(B, dataset_version="2"), "2")
    assert run_command(["tables", "--results", str(one), "--out", str(tmp_path / "boards")]) == 0
    assert "warning: The data set d (test) is version 1 in a and 2 in b." in capsys.readouterr().err


def test_a_folder_without_results_is_wrong_usage(tmp_path, capsys):
    assert run_command(["merge", str(tmp_path / "nosuch"), "--into", str(tmp_path / "all")]) == 2
    assert "There are no results in" in capsys.readouterr().err


def test_images_of_two_versions_of_a_method_have_no_common_mean(tmp_path, capsys):
    former, present = (made_up_rows(A, version=version) for version in "12")
    one, two = machine(tmp_path / "one", former, "1"), machine(tmp_path / "two", present.iloc[:6], "2")
    assert run_command(["merge", str(one), str(two), "--into", str(tmp_path / "all")]) == 1
    assert "On d (test) the method a is version 1 in" in capsys.readouterr().err
    whole = machine(tmp_path / "whole", present, "2")
    assert run_command(["merge", str(one), str(whole), "--into", str(tmp_path / "all")]) == 0


def test_other_source_code_and_libraries_are_reported_but_comparable(tmp_path, capsys):
    def rows(scores, name):
        return made_up_rows(scores, source_hash=name, code_hash=name, libraries=f'{{"numpy": "{name}"}}', commit=name)

    one = machine(tmp_path / "one", rows(A, "v1").iloc[:6], "1")
    two = machine(tmp_path / "two", rows(A | B, "v2").iloc[6:], "2")
    assert run_command(["merge", str(one), str(two), "--into", str(tmp_path / "all")]) == 0
    assert f"warning: On d (test) the source code of a is v1 in {one} and v2 in {two}. " in capsys.readouterr().err
    assert run_command(["tables", "--results", str(tmp_path / "all"), "--out", str(tmp_path / "boards")]) == 0
    assert "warning: On d (test) the source code of a is v1 in a and v2 in a. " in capsys.readouterr().err

    three = machine(tmp_path / "three", rows(B, "v1"), "3")
    machine(three, rows(A, "v2"), "4")
    assert run_command(["compare", "a", "b", "--results", str(three)]) == 0
    assert "warning: The library numpy is v1 in b and v2 in a. Their versions are equal" in capsys.readouterr().err


def test_published_rows_stand_beside_ones_own_and_give_the_same_boards(tmp_path, capsys):
    ours = machine(tmp_path / "ours", made_up_rows(A | {"c": {"psnr": [1.0, float("nan")] * 6}}), "1")
    assert run_command(["tables", "--results", str(ours), "--out", str(tmp_path / "boards")]) == 0
    published = tmp_path / "boards" / "rows.parquet"
    mine = machine(tmp_path / "mine", made_up_rows(B), "2")
    assert run_command(["merge", str(published), "--into", str(mine), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {str(published): 1}
    assert set(Store(mine).read()["method"]) == {"a", "b", "c"}
    assert run_command(["merge", str(published), "--into", str(tmp_path / "again")]) == 0
    assert run_command(["tables", "--results", str(tmp_path / "again"), "--out", str(tmp_path / "second")]) == 0
    for file in (tmp_path / "boards").iterdir():
        assert (tmp_path / "second" / file.name).read_bytes() == file.read_bytes()


def test_a_folder_of_published_boards_gives_back_rows_and_speeds(tmp_path):
    ours = machine(tmp_path / "ours", made_up_rows(A), "1")
    speed = {
        "method": "a", "params": "{}", "hardware": "Chip", "device": "cpu", "threads": 2, "size": 256, "batch": 1,
        "median_ms": 3.0, "iqr_ms": 0.1, "prepare_s": 0.1, "peak_mib": 1.0, "parameters": None, "macs": None,
        "busy": False, "taken": "2026-01-01", "status": "ok",
    }  # fmt: skip
    Store(ours).write("5", [speed], list(speed), lane="speed")
    boards, again, second = tmp_path / "boards", tmp_path / "again", tmp_path / "second"
    assert run_command(["tables", "--results", str(ours), "--out", str(boards)]) == 0
    assert run_command(["merge", str(boards), "--into", str(again)]) == 0
    assert Store(again).has("5", "speed")
    assert run_command(["tables", "--results", str(again), "--out", str(second)]) == 0
    for file in boards.iterdir():
        assert (second / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [(lambda b: b[:-9], "it is not a whole Parquet file"), (lambda b: b[:40] + b"?" + b[41:], "its checksum is not")],
)
def test_damaged_published_rows_are_refused_in_a_sentence(spoil, sentence, tmp_path, capsys):
    ours = machine(tmp_path / "ours", made_up_rows(A), "1")
    run_command(["tables", "--results", str(ours), "--out", str(tmp_path)])
    published = tmp_path / "rows.parquet"
    published.write_bytes(spoil(published.read_bytes()))
    capsys.readouterr()
    assert run_command(["merge", str(published), "--into", str(tmp_path / "all")]) == 1
    said = capsys.readouterr().err
    assert f"{published} cannot be read ({sentence}" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "all").exists()


def test_tuned_settings_and_pictures_come_over_and_those_of_the_target_stay(tmp_path, capsys):
    one, into = machine(tmp_path / "one", made_up_rows(A), "1"), machine(tmp_path / "all", made_up_rows(B), "2")
    tuned = Tuned("lee", {"size": 5}, "d", "0", "val", 1, "ssim", 0.9, 0.8, 4, 1, 0.0, (), "1")
    contents = {
        Path("tuning/d/lee.json"): json.dumps(asdict(tuned)).encode(),
        Path("gallery/d/s/lee.png"): png(),
        Path("gallery/d/s/other.png"): b"no picture",
    }
    for path, content in contents.items():
        (one / path).parent.mkdir(parents=True, exist_ok=True)
        (one / path).write_bytes(content)
    setting, picture, other = contents
    (into / setting).parent.mkdir(parents=True)
    (into / setting).write_text("other")
    assert run_command(["merge", str(one), "--into", str(into)]) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"usbench: warning: {into} and {one} have different versions of {setting}; those of {into} are kept.",
        f"usbench: warning: {other} of {one} does not have the content that its name states, and was left out.",
    ]
    assert (into / setting).read_text() == "other"
    assert (into / picture).read_bytes() == contents[picture]
    assert not (into / other).exists()


def test_damaged_rows_are_set_aside_with_a_warning_by_merge_and_tables(tmp_path, capsys):
    one, two = machine(tmp_path / "one", made_up_rows(A), "1"), machine(tmp_path / "two", made_up_rows(B), "2")
    machine(one, made_up_rows({"c": {"psnr": 10.0}}), "3")
    path = one / "units" / f"{key_of(one, '3')}.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    into = tmp_path / "all"
    assert run_command(["merge", str(one), str(two), "--into", str(into)]) == 0
    expected = f"warning: {path.name} is damaged and was moved to {one / 'damaged' / 'units'}; the next run computes"
    assert expected in capsys.readouterr().err
    assert set(Store(into).read()["method"]) == {"a", "b"}
    path = next(path for path in into.glob("units/packed/*") if key_of(one, "1") in read_keys(path))
    path.write_bytes(path.read_bytes()[:-20])
    assert run_command(["tables", "--results", str(into), "--out", str(tmp_path / "boards")]) == 0
    assert f"warning: {path.name} is damaged" in capsys.readouterr().err
    assert "| a |" not in (tmp_path / "boards" / "simulated.md").read_text()
