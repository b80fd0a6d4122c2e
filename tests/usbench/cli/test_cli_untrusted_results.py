"""Data from outside never names code, never names a path, and never decides where something is written.

A stranger's results folder is merged, compared and drawn; whatever it names stays unread, unwritten and not imported.
"""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_rows import made_up_rows
from PIL import Image
from program_files import plugin_file

from usbench.bench.store import Store
from usbench.cli.app import run_command

SET = "phantom[count=6]+psf"


SECRET = "the private key"


@pytest.fixture
def evil(tmp_path) -> Path:
    """A plugin that leaves a mark when it is imported."""
    return plugin_file(tmp_path, "evil", MARK=str(tmp_path / "ran"))


@pytest.fixture
def secret(tmp_path) -> Path:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    return file


def stranger(folder: Path, rows: pd.DataFrame) -> Path:
    """A results folder that came from outside."""
    Store(folder).write("a1", rows.to_dict("records"), list(rows.columns))
    return folder


def rows_of(scores: dict, dataset: str = SET, **columns) -> pd.DataFrame:
    rows = made_up_rows(scores, dataset=dataset, images=6, **columns)
    return rows.assign(sample=rows["sample"].str.replace("s", "test-"))


@pytest.mark.parametrize("command", ["compare", "gallery"])
@pytest.mark.parametrize("named_by", ["origin", "label", "label with parameters"])
def test_rows_never_name_code(command, named_by, evil, tmp_path, capsys):
    label = {"origin": "evil", "label": str(evil), "label with parameters": f"{evil}[a=1]"}[named_by]
    rows = rows_of({"lee": {"psnr": np.arange(6)}, label: {"psnr": np.arange(6) + 1}}, origin=str(evil))
    theirs = stranger(tmp_path / "theirs", rows)
    results = tmp_path / "mine"
    assert run_command(["merge", str(theirs), "--into", str(results)]) == 0
    if command == "compare":
        typed = "evil" if named_by == "origin" else "lee"
        other = "lee" if named_by == "origin" else "identity"
        if named_by != "origin":  # the user cannot have meant a file by naming two registered methods
            theirs_too = stranger(tmp_path / "more", rows_of({"identity": {"psnr": 0.0}}))
            run_command(["merge", str(theirs_too), "--into", str(results)])
        picture = ["--picture", str(tmp_path / "apart.png")]
        run_command(["compare", typed, other, "--results", str(results), "--metric", "psnr", *picture])
    else:
        assert run_command(["gallery", "--results", str(results)]) == 0
    assert not (tmp_path / "ran").exists()
    assert "Internal error" not in capsys.readouterr().err


def test_a_method_of_a_file_is_drawn_if_the_command_line_names_the_file(evil, tmp_path, capsys):
    rows = rows_of({"lee": {"psnr": np.arange(6)}, "evil": {"psnr": np.arange(6) + 1}})
    results = stranger(tmp_path / "mine", rows.assign(origin=rows["method"].replace("evil", str(evil))))
    picture = ["--metric", "psnr", "--results", str(results), "--picture", str(tmp_path / "apart.png")]
    assert run_command(["compare", "evil", "lee", *picture]) == 2
    assert "evil is not registered here; give its .py file" in capsys.readouterr().err
    assert run_command(["compare", str(evil), "lee", *picture]) == 0
    assert (tmp_path / "apart.png").is_file()
    assert run_command(["gallery", "--results", str(results), "-m", str(evil)]) == 0
    assert len(list(results.glob("gallery/*/*/evil.png"))) == 1


@pytest.mark.parametrize("dataset", ["folder[path={}]", "folder:{}", "simus-phantom[path={}]+lesions"])
def test_rows_never_name_a_folder_to_read(dataset, tmp_path, capsys):
    private = tmp_path / "private"
    private.mkdir()
    Image.fromarray(np.full((64, 64), 99, np.uint8)).save(private / "test-0000.png")
    label = dataset.format(private)
    rows = rows_of({"lee": {"psnr": np.arange(6)}, "identity": {"psnr": np.arange(6) + 1}}, label, kind="real")
    results = stranger(tmp_path / "theirs", rows.assign(sample="test-0000.png"))
    picture = tmp_path / "apart.png"
    run_command(
        ["compare", "lee", "identity", "--results", str(results), "--metric", "psnr", "--picture", str(picture)]
    )
    assert re.search("Stored data name|There is no dataset", capsys.readouterr().err)
    assert not picture.exists()
    run_command(["gallery", "--results", str(results)])
    assert not list(results.glob("gallery/*"))


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("dncnn", {"weights": "/tmp/x.json"}),
        ("dncnn", {"exact": "True,weights=/tmp/x.json"}),
        ("lee", {"size": "5]./evil.py["}),
        ("lee", {"size": [5]}),
        ("lee", "size"),
        ("lee", {"no such": 1}),
    ],
)
def test_a_tuned_setting_decides_numbers_and_choices_alone(method, parameters, tmp_path, capsys):
    from usbench import registry
    from usbench.evaluation.sample_cache import data_hash

    tuned = {
        "method": str(tmp_path / "evil.py"), "parameters": parameters, "dataset": SET,
        "data_hash": data_hash(registry.load_dataset(SET)), "split": "val", "images": 1, "metric": "psnr", "value": 1.0,
        "default": 0.5, "trials": 1, "seeds": 1, "spread": 0.0, "at_edge": [], "version": "1",
    }  # fmt: skip
    from usbench.bench.tune import tuned_file

    file = tuned_file(method, SET, tmp_path / "results")
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(tuned))
    arguments = ["run", "-m", method, "-d", SET, "--tuned", "--limit", "1", "--no-timing", "--metric", "psnr"]
    assert run_command([*arguments, "--workers", "1", "--results", str(tmp_path / "results")]) == 2
    said = capsys.readouterr().err
    assert str(file) in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("key", ["../../x", "x/y", "con", "A1", "a b", "", "a" * 65, "a\n", "a.parquet"])
def test_published_rows_never_decide_where_they_are_written(key, tmp_path, capsys):
    from usbench.bench.published_rows import publish

    published = publish(rows_of({"lee": {"psnr": 1.0}}).assign(key=key), tmp_path / "theirs" / "rows.parquet")
    before = set(tmp_path.rglob("*"))
    assert run_command(["merge", str(published), "--into", str(tmp_path / "mine" / "results")]) == 1
    assert "is not a key of results" in capsys.readouterr().err
    assert set(tmp_path.rglob("*")) == before


def picture_folder(results: Path, images: object, **more: object) -> Path:
    folder = results / "gallery" / "d" / "s"
    folder.mkdir(parents=True)
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / "input.png")
    about = {"dataset": SET, "split": "test", "sample": "s", "licence": "CC0", "citation": "", "images": images}
    (folder / "about.json").write_text(json.dumps(about | more))
    return folder


@pytest.mark.parametrize(
    "name", ["{}", "../../../../secret", "link.png", "other/../input.png", ".", "", "secret.png", 5]
)
def test_a_page_never_holds_a_file_that_its_pictures_name(name, secret, tmp_path, capsys):
    results = stranger(tmp_path / "theirs", rows_of({"lee": {"psnr": 1.0}}))
    named = name.format(secret) if isinstance(name, str) else name
    folder = picture_folder(results, {"input": named})
    (folder / "link.png").symlink_to(secret)
    (folder / "secret.png").write_text(SECRET)
    assert run_command(["tables", "--results", str(results), "--out", str(tmp_path / "boards")]) == 1
    said = capsys.readouterr().err
    assert "make them again" in said
    assert said.count("\n") == 1
    import base64

    pages = "".join(path.read_text() for path in tmp_path.glob("boards/*.html"))
    assert base64.b64encode(SECRET.encode()).decode() not in pages


@pytest.mark.parametrize(
    "about",
    [
        {"images": ["input.png"]},
        {"images": {"input": "input.png"}, "citation": {"a": 1}},
        {"images": {"input": "input.png"}, "white": {"input": "0.1"}},
        {"images": {"input": "input.png"}, "white": {"input": float("nan")}},
        {"images": {"input": "input.png"}, "dataset": None},
    ],
)
def test_what_a_gallery_says_is_checked_before_it_is_shown(about, tmp_path, capsys):
    results = stranger(tmp_path / "theirs", rows_of({"lee": {"psnr": 1.0}}))
    picture_folder(results, **about)
    assert run_command(["tables", "--results", str(results), "--out", str(tmp_path / "boards")]) == 1
    assert "make them again" in capsys.readouterr().err


def test_merge_copies_what_it_knows_and_follows_no_link(secret, evil, tmp_path, capsys):
    theirs = stranger(tmp_path / "theirs", rows_of({"lee": {"psnr": 1.0}}))
    folder = picture_folder(theirs, {"input": "input.png"})
    (folder / "linked.png").symlink_to(folder / "input.png")
    (folder / "truncated.png").write_bytes((folder / "input.png").read_bytes()[:40])
    (theirs / "runs").mkdir()
    (theirs / "runs" / "1.json").symlink_to(secret)
    (theirs / "runs" / "2.json").write_text('{"keys": ["../x"]}')
    (theirs / "runs" / "3.py").write_text("")
    (theirs / "evil.py").write_text("")
    (theirs / "gallery" / "elsewhere").symlink_to(folder.parent)
    into = tmp_path / "mine"
    assert run_command(["merge", str(theirs), "--into", str(into)]) == 0
    files = [path for path in into.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    assert {path.relative_to(into).as_posix() for path in files} == {"gallery/d/s/about.json", "gallery/d/s/input.png"}


@pytest.mark.parametrize("inner", ["units/{}.parquet", "units/packed/{}.parquet", "speed/{}.parquet"])
def test_merge_reads_no_rows_through_a_link(inner, tmp_path, capsys):
    private = stranger(tmp_path / "private", rows_of({"secret method": {"psnr": 1.0}}))
    theirs = stranger(tmp_path / "theirs", rows_of({"lee": {"psnr": 1.0}}))
    link = theirs / inner.format("b" * 24)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(private / "units" / "a1.parquet")
    assert run_command(["merge", str(theirs), "--into", str(tmp_path / "mine")]) == 1
    assert f"{link} is a link" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("inner", ["units", "speed", "runs", "damaged", "tuning", "gallery", "units/packed"])
def test_a_results_folder_never_decides_where_a_run_writes(inner, tmp_path, capsys):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    results = tmp_path / "theirs"
    (results / inner).parent.mkdir(parents=True)
    (results / inner).symlink_to(elsewhere)
    arguments = ["run", "-m", "median", "-d", SET, "--limit", "1", "--no-timing", "--metric", "psnr", "--workers", "1"]
    assert run_command([*arguments, "--results", str(results)]) == 2
    assert "is a link" in capsys.readouterr().err
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize(
    "spoil",
    [
        {"psnr": "high"},
        {"method": 5},
        {"skipped": "no JSON"},
        {"skipped": "[]"},
        {"params": '{"a":'},
        {"specs": "5"},
        {"sample": None},
        {"kind": "imaginary"},
        {"status": "splendid"},
        {"tuning": "[1]"},
        {"failures": '"x"'},
        {"metric_versions": "x"},
        {"libraries": "x"},
    ],
    ids=str,
)
@pytest.mark.parametrize("as_file", [True, False])
def test_rows_that_are_not_of_the_schema_are_refused_in_a_sentence(spoil, as_file, tmp_path, capsys):
    from usbench.bench.published_rows import publish

    rows = rows_of({"lee": {"psnr": 1.0}}).assign(**spoil)
    if as_file:
        source = publish(rows.assign(key="a1"), tmp_path / "rows.parquet")
    else:
        source = stranger(tmp_path / "theirs", rows)
        assert run_command(["tables", "--results", str(source), "--out", str(tmp_path / "boards")]) == 1
        said = capsys.readouterr().err
        assert said.startswith("usbench: ")
        assert "Internal error" not in said
    assert run_command(["merge", str(source), "--into", str(tmp_path / "mine")]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Internal error" not in said
    assert not (tmp_path / "mine").exists()


def test_published_rows_are_not_read_through_a_link(tmp_path, capsys):
    from usbench.bench.published_rows import publish

    private = publish(rows_of({"secret method": {"psnr": 1.0}}).assign(key="a1"), tmp_path / "private" / "rows.parquet")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "rows.parquet").symlink_to(private)
    assert run_command(["merge", str(tmp_path / "theirs"), "--into", str(tmp_path / "mine")]) == 2
    assert not (tmp_path / "mine").exists()


def refused(source: Path, tmp_path: Path, capsys) -> None:
    for command in (["tables", "--results"], ["merge", "--into", str(tmp_path / "mine")]):
        assert run_command([*command, str(source)]) == 1
        said = capsys.readouterr().err
        assert "Internal error" not in said
        assert said.count("\n") <= 2
    assert not (tmp_path / "mine").exists()


def test_files_of_rows_that_do_not_fit_together_are_a_sentence(tmp_path, capsys):
    theirs = stranger(tmp_path / "theirs", rows_of({"lee": {"psnr": 1.0}}))
    rows = rows_of({"median": {"psnr": 1.0}}).assign(psnr="high", sample=5)
    Store(theirs).write("b1", rows.to_dict("records"), list(rows.columns))
    refused(theirs, tmp_path, capsys)


def test_a_column_key_in_a_file_is_not_its_key(tmp_path):
    rows = rows_of({"lee": {"psnr": 1.0}}).assign(key="../../x")
    theirs = stranger(tmp_path / "theirs", rows)
    assert run_command(["merge", str(theirs), "--into", str(tmp_path / "mine")]) == 0
    assert Store(tmp_path / "mine").keys() == ["a1"]


def parquet(path: Path, table, metadata: object) -> None:
    from pyarrow import parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata({b"usbench": json.dumps(metadata)}), path)


@pytest.mark.parametrize(
    "metadata",
    [[], 5, {"columns": 5}, {"columns": [5]}, {"columns": ["nosuch"]}, {"constant": 5}, {"columns": ["psnr", "psnr"]},
     {"constant": {"psnr": {"a": 1}}}, {"columns": [["psnr"]]}, {"constant": [1]}, {"columns": None, "constant": None}],
    ids=str,
)  # fmt: skip
def test_metadata_of_another_form_is_a_sentence(metadata, tmp_path, capsys):
    import pyarrow as pa

    parquet(tmp_path / "theirs" / "units" / "a1.parquet", pa.table({"psnr": [1.0, 2.0]}), metadata)
    refused(tmp_path / "theirs", tmp_path, capsys)


def test_a_small_file_of_too_many_rows_is_not_unpacked(tmp_path, capsys, monkeypatch):
    import pyarrow as pa

    monkeypatch.setattr("usbench.bench.rows_file.MOST_ROWS", 1000)
    table = pa.table({"psnr": pa.repeat(pa.scalar(1.0), 1001), "key": pa.repeat(pa.scalar("a1"), 1001)})
    parquet(tmp_path / "theirs" / "units" / "a1.parquet", table, {})
    refused(tmp_path / "theirs", tmp_path, capsys)
    parquet(tmp_path / "packed" / "units" / "packed" / "a1.parquet", table, {})
    refused(tmp_path / "packed", tmp_path, capsys)
