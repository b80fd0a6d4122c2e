"""Rendering makes samples once, in parallel, and keeps them."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import usbench
from usbench.bench import render
from usbench.bench.render import render_set
from usbench.cli.app import app
from usbench.core.errors import UsageError

SET = "contrast-speckle[count=3]+psf"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("USBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_rendering_holds_the_products_samples(tmp_path, cache):
    told = []
    made = render_set(SET, tmp_path / "out", workers=2, done=lambda at, of: told.append((at, of)))
    assert made["samples"] == 3
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    again = usbench.load_dataset(f"simus-phantom:{tmp_path / 'out'}")
    for expected, sample in zip(usbench.load_dataset(SET), again, strict=True):
        assert sample.id == expected.id
        assert np.abs(sample.image - expected.image).max() < 1 / 65535
        assert np.abs(sample.reference - expected.reference).max() < 1 / 65535
        assert sample.rois.contrast == expected.rois.contrast
    assert len(list(cache.rglob("*.npz"))) == 3


def test_what_was_made_before_comes_from_the_cache(tmp_path, monkeypatch):
    first = render.make_sample(SET, "test", 1)
    monkeypatch.setattr(type(usbench.load_dataset(SET)), "load", lambda *_: pytest.fail("made again"))
    assert render.make_sample(SET, "test", 1).input_hash == first.input_hash


def test_what_cannot_be_rendered_is_refused(tmp_path):
    with pytest.raises(UsageError, match="clean data"):
        render_set("contrast-speckle", tmp_path / "out")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"notes\.txt"):
        render_set(SET, tmp_path)


def test_the_command_tells_progress_and_result(tmp_path, in_process):
    arguments = ["data", "render", "contrast-speckle[count=1]+gamma", "-o", str(tmp_path / "out"), "-j", "1", "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["samples"] == 1
    assert "1 of 1 samples" in result.stderr
    command = json.loads((tmp_path / "out" / "index.json").read_text())["command"]
    assert command == "usbench data render 'contrast-speckle[count=1]+gamma' --split test -o FOLDER"
