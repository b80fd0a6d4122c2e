"""Results made elsewhere: exported inputs, and the pictures that come back, right and wrong in every usual way."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import usbench
from usbench.bench.store import Store
from usbench.cli.app import run_command

pytestmark = pytest.mark.usefixtures("in_process")

SETS = ("phantom[count=2]+psf", "phantom[count=2]+psf+lesions")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exchange") / "inputs"
    command = ["export-inputs", str(folder), *(word for name in SETS for word in ("-d", name))]
    assert run_command(command) == 0
    return folder


@pytest.fixture
def inputs(exported, tmp_path):
    return Path(shutil.copytree(exported, tmp_path / "inputs"))


def despeckled(inputs: Path, folder: Path, change=lambda grey: grey) -> list[Path]:
    """What another program does: each picture through a median filter."""
    from scipy.ndimage import median_filter

    made = []
    for file in sorted(inputs.rglob("*.png")):
        target = folder / file.relative_to(inputs)
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(change(median_filter(np.asarray(Image.open(file)), 5, mode="reflect"))).save(target)
        made.append(target)
    return made


def scored(tmp_path, folder, capsys, *options):
    code = run_command(
        ["score", str(folder), "--name", "theirs", "--results", str(tmp_path / "results"), "--json", *options]
    )
    return code, json.loads(capsys.readouterr().out or "{}")


def test_the_manifest_states_what_was_written(inputs):
    import hashlib

    about = json.loads((inputs / "manifest.json").read_text())
    assert [entry["dataset"] for entry in about["datasets"]] == list(SETS)
    pictures = [picture for entry in about["datasets"] for picture in entry["pictures"]]
    assert len(pictures) == 2 + 2 * 2
    for picture in pictures:
        file = inputs / picture["file"]
        assert hashlib.sha256(file.read_bytes()).hexdigest() == picture["sha256"]
        stored = Image.open(file)
        assert stored.mode == "I;16"
        assert (stored.height, stored.width) == (picture["rows"], picture["columns"])
        assert picture["dynamic_range_db"] == 60
    sample = usbench.load_dataset(SETS[0])[1]
    assert np.array_equal(np.asarray(Image.open(inputs / pictures[1]["file"])), np.round(sample.image * 65535))


@pytest.mark.full
def test_pictures_of_a_filter_get_the_rows_of_the_filter(tmp_path, inputs, capsys):
    despeckled(inputs, tmp_path / "outputs")
    capsys.readouterr()
    code, about = scored(tmp_path, tmp_path / "outputs", capsys, "--inputs", str(inputs), "--trained-on", "mri")
    assert (code, about["failed"], about["unknown"], about["images"]) == (0, {}, [], 4)
    rows = Store(tmp_path / "results").read()
    assert set(rows["method"]) == {"theirs"}
    assert set(rows["trained_on"]) == {'["mri"]'}
    for name in SETS:
        direct = usbench.evaluate(usbench.load_method("median", size=5), usbench.load_dataset(name))
        mine = rows[rows["dataset"] == name]
        for metric in ("psnr", "ssim", "gcnr", "lesion_residual_4db"):
            assert np.allclose(mine[metric].astype(float), direct[metric].astype(float), atol=2e-3, equal_nan=True), (
                metric
            )
        assert mine["input_hash"].tolist() == direct["input_hash"].tolist()
    results = ["--results", str(tmp_path / "results")]
    assert run_command(["run", "-m", "mean", "-d", SETS[0], *results, "--no-timing"]) == 0
    assert run_command(["compare", "theirs", "mean", *results]) == 0
    assert run_command(["tables", *results, "--out", str(tmp_path / "boards")]) == 0
    assert "theirs" in (tmp_path / "boards" / "simulated.md").read_text()


WRONG = {
    "missing": (lambda file: file.unlink(), "is missing"),
    "resized": (lambda file: _changed(file, lambda grey: grey[::2, ::2]), "pixels where"),
    "shifted": (lambda file: _changed(file, lambda grey: np.roll(grey, (2, -1), (0, 1))), "shifted by 2 rows and -1"),
    "8-bit numbers in 16": (lambda file: _changed(file, lambda grey: grey // 257), "another scale"),
    "12-bit numbers in 16": (lambda file: _changed(file, lambda grey: grey // 16), "another scale"),
    "turned": (lambda file: _changed(file, lambda grey: grey[::-1, ::-1].copy()), "does not show its input"),
    "unreadable": (lambda file: file.write_bytes(b"no picture"), "cannot be read"),
}


def _changed(file, change):
    Image.fromarray(change(np.asarray(Image.open(file)))).save(file)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_picture_is_found_and_told(tmp_path, inputs, capsys, wrong):
    spoil, sentence = WRONG[wrong]
    first = despeckled(inputs, tmp_path / "outputs")[0]
    spoil(first)
    capsys.readouterr()
    code, about = scored(tmp_path, tmp_path / "outputs", capsys, "--inputs", str(inputs), "--metric", "psnr")
    assert code == 1
    (reason,) = about["failed"].values()
    assert sentence in reason
    assert first.stem in reason
    rows = Store(tmp_path / "results").read()
    assert (rows["status"] == "failed").sum() == 1


def test_wrong_names_and_few_bits_are_told(tmp_path, inputs, capsys):
    files = despeckled(inputs, tmp_path / "outputs", lambda grey: np.round(grey / 257).astype(np.uint8))
    files[0].rename(files[0].with_name("strange.png"))
    capsys.readouterr()
    code, about = scored(tmp_path, tmp_path / "outputs", capsys, "--inputs", str(inputs), "--metric", "psnr")
    assert code == 1
    assert [Path(name).name for name in about["unknown"]] == ["strange"]
    assert about["notes"] == ["8-bit pictures are judged as they are, rounded to 1/255; write 16 bits"]
    assert len(about["failed"]) == 1


def test_wrong_usage_is_one_sentence(tmp_path, inputs, capsys):
    results = ["--results", str(tmp_path / "results")]
    (tmp_path / "empty").mkdir()
    for command, sentence in (
        (["score", str(inputs), "--name", "median"], "cannot be the name"),
        (["score", str(inputs), "--name", "a/b"], "cannot be the name"),
        (["score", str(tmp_path / "empty"), "--name", "x"], "export-inputs"),
        (["score", str(tmp_path / "no"), "--name", "x", "--inputs", str(inputs)], "does not exist"),
        (["score", str(inputs), "--name", "x", "-d", "mri+psf"], "were not exported"),
        (["export-inputs", str(inputs), "-d", "mri+psf"], "is not empty"),
    ):
        assert run_command([*command, *(results if command[0] == "score" else [])]) == 2
        assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("name", ["folder[path=/etc]", "./mine.py", "folder:/etc", "nosuch"])
def test_a_manifest_from_outside_names_no_path_and_no_code(tmp_path, inputs, capsys, name):
    about = json.loads((inputs / "manifest.json").read_text())
    about["datasets"][0]["dataset"] = name
    (inputs / "manifest.json").write_text(json.dumps(about))
    assert run_command(["score", str(inputs), "--name", "x", "--results", str(tmp_path / "r")]) in (1, 2)
    assert not (tmp_path / "r").exists()


def test_changed_data_are_told(tmp_path, inputs, capsys):
    about = json.loads((inputs / "manifest.json").read_text())
    about["datasets"][0]["data_hash"] = "0" * 16
    (inputs / "manifest.json").write_text(json.dumps(about))
    assert run_command(["score", str(inputs), "--name", "x", "--results", str(tmp_path / "r")]) == 2
    assert "is not what was exported" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("octave-cli") is None, reason="Octave is not installed")
def test_the_octave_example_of_the_docs_is_scored(tmp_path, inputs, capsys):
    text = (Path(__file__).parents[3] / "docs/howto/score.md").read_text()
    script = tmp_path / "despeckle_all.m"
    script.write_text(text.partition("```octave\n")[2].partition("```")[0])
    command = ["octave-cli", "--no-gui", str(script), str(inputs), str(tmp_path / "outputs")]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    capsys.readouterr()
    code, about = scored(tmp_path, tmp_path / "outputs", capsys, "--inputs", str(inputs))
    assert (code, about["failed"]) == (0, {})
