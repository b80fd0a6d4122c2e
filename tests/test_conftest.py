"""What the whole suite is run by: what is left out is said, and the markers are ours."""

import os
import subprocess
import sys
from pathlib import Path

from program_files import program

ROOT = Path(__file__).parents[1]
PLUGINS = "xdist.plugin,pytest_timeout,pytest_benchmark.plugin"  # those of our options; to load all takes far longer


def run(folder: Path, *options: str) -> subprocess.CompletedProcess:
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (folder / "test_some.py").write_text(program("marked_tests"))
    command = [sys.executable, "-m", "pytest", *options, "test_some.py"]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "tests" / "support"),  # the plugins of conftest.py
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": PLUGINS,
    }
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_the_quick_tests_say_what_they_left_out_and_how_to_run_it(tmp_path):
    for processes in ("-n0", "-n2"):
        said = run(tmp_path, processes).stdout
        assert "1 passed" in said
        assert "Left out: 3 tests marked full; `nox -s full` runs everything." in said
        assert "Left out: 1 tests marked slow (hours); `pytest -m slow`." in said


def test_the_full_tests_leave_out_nothing_but_hours(tmp_path):
    said = run(tmp_path, "-n0", "-m", "full and not slow").stdout
    assert "3 passed" in said
    assert "marked full" not in said
