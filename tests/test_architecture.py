"""Who may import whom: import-linter's contracts, on the tree as it is installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


@pytest.fixture
def tree(tmp_path):
    """The packages in one folder, as in a wheel: import-linter reads folders, not setuptools' map."""
    shutil.copytree(ROOT / "usbench", tmp_path / "usbench", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("methods", "datasets"):
        ignore = shutil.ignore_patterns("__pycache__", "*.safetensors")
        shutil.copytree(ROOT / name, tmp_path / "usbench" / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", LINT, "--no-cache"]
    return subprocess.run(command, cwd=tree, env={"PYTHONPATH": str(tree)}, capture_output=True, text=True, timeout=120)


def test_the_import_contracts_are_kept(tree):
    done = lint(tree)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("usbench/bench/plan.py", "from usbench.methods.controls import Identity"),
        ("usbench/registry.py", "import usbench.datasets.echo"),
        ("usbench/methods/controls.py", "import usbench.bench.store"),
        ("usbench/bench/store.py", "import usbench.board.tables"),
        ("usbench/board/tables.py", "import usbench.cli.app"),
        ("usbench/core/sample.py", "import usbench.io.dicom"),
    ],
)
def test_a_forbidden_import_breaks_a_contract(tree, file, line):
    path = tree / file
    path.write_text(path.read_text() + f"\n\ndef _forbidden():\n    {line}\n")
    done = lint(tree)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 broken" in done.stdout


def test_a_new_room_must_be_given_a_place(tree):
    (tree / "usbench" / "attic").mkdir()
    (tree / "usbench" / "attic" / "__init__.py").write_text('"""Left over."""\n')
    done = lint(tree)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "attic" in done.stdout


def test_importing_and_listing_pull_in_nothing_heavy():
    code = (
        "import sys, usbench\n"
        "from usbench.cli.app import run_command\n"
        "for kind in ('methods', 'datasets', 'simulators', 'metrics'):\n"
        "    run_command(['list', kind, '--json'])\n"
        "heavy = {'torch', 'pandas', 'scipy', 'skimage', 'numba', 'piq', 'bm3d'} & set(sys.modules)\n"
        "sys.exit(f'imported: {sorted(heavy)}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
