"""Who may import whom: import-linter's contracts, on the tree as it is installed. And where tests are."""

import ast
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from program_files import program

ROOT = Path(__file__).parent.parent
MIRRORED = ("usbench", "methods", "datasets")
OTHERS = ("benchmarks", "docs", "every", "fuzz", "soak")  # folders of tests that are not of one module or package
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
    done = subprocess.run(
        [sys.executable, "-c", program("import_and_list")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def misplaced_tests(root: Path) -> list[str]:
    """Return the test files whose path names neither a module nor a package, as CONTRIBUTING.md defines it."""
    return [
        file.relative_to(root).as_posix()
        for file in sorted((root / "tests").rglob("test_*.py"))
        if not _names_what_it_tests(file.relative_to(root / "tests"), root)
    ]


def _names_what_it_tests(file: Path, root: Path) -> bool:
    folder, about = root / file.parent, file.stem.removeprefix("test_")
    if file.parts[0] not in MIRRORED:
        return len(file.parts) == 1 or file.parts[0] in OTHERS
    names = [module.stem for module in folder.glob("*.py")] + [folder.name]
    return folder.is_dir() and any(about == name or about.startswith(f"{name}_") for name in names)


def test_a_files_test_is_where_its_path_says():
    assert not misplaced_tests(ROOT)


@pytest.mark.parametrize(
    ("test", "misplaced"),
    [
        ("usbench/core/test_sample.py", False),
        ("usbench/core/test_sample_hostile.py", False),
        ("usbench/core/test_core.py", False),
        ("usbench/core/test_core_scale.py", False),
        ("every/test_anything.py", False),
        ("test_packaging.py", False),
        ("usbench/core/test_samples.py", True),
        ("usbench/test_sample.py", True),
        ("usbench/test_core.py", True),
        ("usbench/nosuch/test_nosuch.py", True),
        ("elsewhere/test_sample.py", True),
    ],
)
def test_a_test_that_names_no_module_is_found(test, misplaced, tmp_path):
    for name in ("usbench/core/sample.py", "usbench/core/__init__.py", f"tests/{test}"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert misplaced_tests(tmp_path) == [f"tests/{test}"] * misplaced


def programs_in_strings(source: str) -> list[int]:
    """Return the lines at which strings begin that are Python code of more than three lines."""
    nodes = list(ast.walk(ast.parse(source)))
    docstrings = {node.value for node in nodes if isinstance(node, ast.Expr)}
    parts = {part for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    strings = [node for node in nodes if isinstance(node, ast.Constant | ast.JoinedStr)]
    return [node.lineno for node in strings if node not in docstrings | parts and _is_program(_text(node))]


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "0" for part in node.values)
    return node.value if isinstance(node.value, str) else ""


def _is_program(text: str) -> bool:
    if sum(bool(line.strip()) for line in text.splitlines()) <= 3:
        return False
    try:
        statements = ast.parse(textwrap.dedent(text)).body
    except (SyntaxError, ValueError):
        return False
    return any(isinstance(one, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef) for one in statements)


def test_programs_of_tests_are_files():
    found = {file.name: programs_in_strings(file.read_text()) for file in (ROOT / "tests").rglob("*.py")}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_program_in_a_string_is_found():
    half = program("half")
    assert programs_in_strings(f"HALF = {half!r}") == [1]
    assert programs_in_strings(f"\nHALF = f{half.replace('0.5', '{2 + 2}')!r}") == [2]
    assert programs_in_strings(f"{half!r}") == []  # a docstring
    assert programs_in_strings("SHORT = 'import os\\nprint(os.name)'") == []
