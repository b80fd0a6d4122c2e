"""`usbench new`: what it writes works as it is, in one file and as a distribution."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from usbench.cli.app import run_command
from usbench.conformance import check_plugin
from usbench.conformance.find import find_plugin
from usbench.core.errors import UsageError
from usbench.scaffold import write_file, write_package

pytestmark = pytest.mark.usefixtures("in_process")

KINDS = ("method", "dataset", "simulator", "metric")


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_file_keeps_its_contract_as_it_is(kind, tmp_path):
    name = f"fresh_{kind}"
    written = write_file(kind, name, tmp_path)
    assert written.files == (tmp_path / f"{name}.py",)
    findings = check_plugin(str(written.files[0]))
    assert [f"{f.check}: {f.reason}" for f in findings if f.status in ("broken", "warning")] == []
    assert len(findings) >= 10
    loaded_kind, plugin = find_plugin(str(written.files[0]))
    assert loaded_kind == f"{kind}s"
    assert plugin.name == name
    text = written.files[0].read_text()
    assert f"my_{kind}" not in text.lower()
    assert f"Fresh {kind}" in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_file_has_the_style_of_the_house(kind, tmp_path):
    write_file(kind, "fresh", tmp_path)
    config = Path(__file__).parents[3] / "pyproject.toml"
    for action in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *action, "--config", str(config), str(tmp_path / "fresh.py")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_new_method_is_the_formula_of_its_docstring(tmp_path):
    file = write_file("method", "fresh", tmp_path).files[0]
    _, method = find_plugin(f"{file}[radius=1,keep=0.5]")
    image = np.random.default_rng(0).random((9, 11)).astype(np.float32)
    padded = np.pad(image, 1, mode="symmetric").astype(np.float64)
    mean = sum(padded[i : i + 9, j : j + 11] for i in range(3) for j in range(3)) / 9
    assert np.allclose(method.despeckle_plane(image.copy()), mean + 0.5 * (image - mean), atol=1e-6)


@pytest.mark.parametrize("package", [False, True])
def test_nothing_is_overwritten(package, tmp_path):
    write = write_package if package else write_file
    files = write("method", "fresh", tmp_path).files
    files[0].write_text("mine")
    with pytest.raises(UsageError, match="exists and is not overwritten"):
        write("method", "fresh", tmp_path)
    assert files[0].read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("my-filter", "lower-case letters"),
        ("MyFilter", "lower-case letters"),
        ("../x", "lower-case letters"),
        ("2d", "lower-case letters"),
        ("", "lower-case letters"),
        ("lambda", "word of Python"),
        ("median", "one of the registered methods"),
        ("psnr", "one of the registered metrics"),
        ("numpy", "would hide the Python module"),
        ("random", "would hide the Python module"),
    ],
)
def test_a_bad_name_is_one_sentence(name, reason, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_command(["new", "method", name]) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run_command(["new", "method", "fresh", "--into", str(tmp_path / "file" / "deeper")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_the_command_says_what_comes_next(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_command(["new", "method", "fresh"]) == 0
    out = capsys.readouterr().out
    assert "usbench check ./fresh.py" in out
    assert "usbench run --method ./fresh.py" in out
    assert run_command(["new", "metric", "other", "--package", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["files"]) == 5


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> tuple[Path, Path]:
    """A distribution of each kind, written into one folder and installed into another."""
    projects, site = tmp_path_factory.mktemp("projects"), tmp_path_factory.mktemp("site")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        str(site),
    ]
    folders = []
    for kind in KINDS:
        write_package(kind, f"fresh_{kind}", projects)
        folders.append(str(projects / f"fresh_{kind}"))
    done = subprocess.run([*pip, *folders], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return projects, site


def _run(site: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_distribution_is_listed_once_installed(kind, installed, tmp_path):
    done = _run(installed[1], tmp_path, "usbench", "list", f"{kind}s", "--json")
    (line,) = (line for line in json.loads(done.stdout) if line["name"] == f"fresh_{kind}")
    assert line["broken"] == ""
    assert line["origin"].startswith(f"usbench-fresh-{kind}: usbench_fresh_{kind}:")


@pytest.mark.full
def test_a_new_distributions_own_tests_pass(installed, tmp_path):
    projects, site = installed
    tests = [str(projects / f"fresh_{kind}" / "tests") for kind in KINDS]
    done = _run(site, tmp_path, "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(projects), *tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


@pytest.mark.full
def test_new_distributions_work_together(installed, tmp_path):
    dataset = "fresh_dataset[count=2]+fresh_simulator"
    plan = ["run", "-m", "fresh_method", "-d", dataset, "--metric", "fresh_metric", "--no-timing", "--workers", "1"]
    done = _run(installed[1], tmp_path, "usbench", *plan, "--json")
    assert done.returncode == 0, done.stderr
    means = {entry["method"]: entry["mean"] for entry in json.loads(done.stdout)}
    assert 0 < means["fresh_method"] < means["identity"]
