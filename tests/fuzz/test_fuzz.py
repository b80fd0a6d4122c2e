"""Whatever the command line, the readers and the store are given: an exit code that tells, a sentence, no harm.

In a run of all tests each draws a few dozen examples. The long form is one command:

    USBENCH_FUZZ=100 pytest tests/fuzz

A finding is mended and stays as an `@example`, so that the test grows by itself.
"""

import json
import os
import shutil
import tempfile
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from dicoms import written
from grammars import SMALL, changed, changes, command_lines, json_values, odd_rows, small_runs, texts
from hypothesis import HealthCheck, example, given, settings
from made_up_rows import made_up_rows
from PIL import Image

from usbench.bench.published_rows import publish
from usbench.bench.store import Store
from usbench.cli.app import run_command
from usbench.core.errors import UsbenchError

FACTOR = int(os.environ.get("USBENCH_FUZZ", "1"))
QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]


def budget(examples: int) -> settings:
    return settings(max_examples=examples * FACTOR, deadline=None, suppress_health_check=QUIET)


@contextmanager
def working_folder() -> Iterator[Path]:
    """A folder to work in, inside one that nothing may be written to."""
    before = Path.cwd()
    outside = Path(tempfile.mkdtemp())
    (outside / "here").mkdir()
    os.chdir(outside / "here")
    try:
        yield outside / "here"
        assert [path.name for path in outside.iterdir()] == ["here"]
    finally:
        os.chdir(before)
        shutil.rmtree(outside)


def run_soundly(*arguments: str) -> int:
    """Run a command, and return its exit code; its output is one that a terminal may show."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run_command(list(arguments))
    said = out.getvalue() + err.getvalue()
    assert code in (0, 1, 2), (code, said)
    assert "Internal error" not in said, said
    assert "Traceback" not in said, said
    assert not [one for one in said if unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t"], said
    if code:
        assert err.getvalue().strip(), "it fails without a word"
    return code


@budget(60)
@given(command_lines())
@example(["picture", "-m", "identity", "-d", "shapes+rayleigh", "--out", "x" * 300])
def test_command_lines(arguments):
    with working_folder():
        run_soundly(*arguments)


@budget(6)
@given(small_runs())
@example(["run", "--limit", "0", *SMALL[0][1:]])
def test_commands_that_compute(in_process, arguments):
    with working_folder():
        run_soundly(*arguments)


@pytest.mark.parametrize("command", SMALL, ids=lambda words: words[0])
def test_without_other_words_they_succeed(command):
    with working_folder():
        assert run_soundly(*command) == 0


@budget(6)
@given(texts, texts, texts)
@example("\x1b[2Ja", "=1+1|b", "x\r\ny")
def test_text_of_dicom_reaches_no_terminal(in_process, name, maker, series):
    """Whatever a file says of the patient and the scanner, before and after it is despeckled."""
    with working_folder() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # text that DICOM does not allow
        try:
            pixels = np.arange(96, dtype=np.uint8).reshape(8, 12)
            written(folder / "a.dcm", pixels, PatientName=name, Manufacturer=maker, SeriesDescription=series)
        except (ValueError, TypeError, OverflowError, UnicodeError):
            return  # cannot be stored at all
        run_soundly("apply", "-m", "identity", "a.dcm", "-o", "b.dcm", "--whole")
        run_soundly("run", "-m", "identity", "-d", "folder:.", "--no-timing", "--limit", "1")


def use(results: Path) -> None:
    """Do with a results folder what a user does with a stranger's."""
    run_soundly("tables", "--results", str(results), "--out", "boards")
    run_soundly("compare", "identity", "lee", "--results", str(results), "--json")
    run_soundly("merge", str(results), "--into", "mine")


@budget(15)
@given(odd_rows())
def test_rows(rows):
    with working_folder() as folder:
        with suppress(UsbenchError, ValueError, TypeError, OverflowError):  # what cannot be stored at all
            Store(folder / "theirs").write("a1", rows.to_dict("records"), list(rows.columns))
        use(folder / "theirs")


@budget(15)
@given(odd_rows())
def test_published_rows(rows):
    with working_folder() as folder:
        with suppress(UsbenchError, ValueError, TypeError, OverflowError):
            publish(rows.assign(key="a1"), folder / "theirs" / "rows.parquet")
        run_soundly("merge", "theirs", "--into", "mine")


@budget(15)
@given(changes())
def test_files_of_rows(found):
    from usbench.bench.checksum import seal

    rows = made_up_rows({"identity": {"psnr": 20.0}, "lee": {"psnr": 21.0}}, images=3)
    with working_folder() as folder:
        Store(folder / "theirs").write("a1", rows.to_dict("records"), list(rows.columns))
        path = folder / "theirs" / "units" / "a1.parquet"
        content = changed(path.read_bytes(), found)
        path.write_bytes(content)
        use(folder / "theirs")
        with suppress(ValueError):  # a stranger can seal what he likes
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(seal(content))
        use(folder / "theirs")


@budget(15)
@given(json_values, json_values, json_values)
@example({"keys": [["unhashable"]]}, {"images": {"input": 5}}, {"parameters": {"size": "5]./evil.py["}})
def test_json_beside_rows(run, about, tuned):
    rows = made_up_rows({"identity": {"psnr": 20.0}, "lee": {"psnr": 21.0}}, images=3)
    with working_folder() as folder:
        theirs = folder / "theirs"
        Store(theirs).write("a1", rows.to_dict("records"), list(rows.columns))
        for name, content in {"runs/1": run, "gallery/d/s/about": about, "tuning/d/lee": tuned}.items():
            path = theirs / f"{name}.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(content))
        use(theirs)


@pytest.fixture(scope="module")
def images() -> dict[str, bytes]:
    """A small file of each format, by suffix."""
    from usbench.io import WRITERS, write_image

    made = {}
    with tempfile.TemporaryDirectory() as folder:
        for suffix in WRITERS:
            path = Path(folder) / f"image{suffix}"
            write_image(path, np.linspace(0, 1, 96, dtype=np.float32).reshape(8, 12))
            made[suffix] = path.read_bytes()
        for suffix, kind in ((".png", "PNG"), (".tiff", "TIFF"), (".gif", "GIF"), (".bmp", "BMP"), (".jpg", "JPEG")):
            path = Path(folder) / f"plain{suffix}"
            Image.fromarray(np.arange(96, dtype=np.uint8).reshape(8, 12)).save(path, format=kind)
            made.setdefault(suffix, path.read_bytes())
        made[".dcm"] = written(Path(folder) / "a.dcm", np.arange(96, dtype=np.uint8).reshape(8, 12)).read_bytes()
    return made


@budget(60)
@given(changes())
def test_readers(images, found):
    from usbench.io import read_image

    with working_folder() as folder:
        for suffix, content in images.items():
            path = folder / f"image{suffix}"
            path.write_bytes(changed(content, found))
            with suppress(UsbenchError):
                pixels = np.asarray(read_image(path).pixels)
                assert np.isfinite(pixels).all()
                assert pixels.ndim >= 2
