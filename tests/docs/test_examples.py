"""What the pages tell a reader to type works, and prints what they show."""

import shlex
from pathlib import Path

import pytest
import typer
from checks import check_here
from examples import blocks, command_lines, run_page, shows

from usbench import registry
from usbench.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINES = [pytest.param(line, id=f"{page.stem}: {line}") for page in PAGES for line in command_lines(page)]


@pytest.mark.parametrize(
    ("page", "least"),
    [
        ("howto/add-a-method", 1),
        ("howto/add-others", 1),
        pytest.param("tutorial", 8, marks=pytest.mark.full),
        ("howto/results", 3),
    ],
)
def test_every_block_of_a_page_runs_and_prints_what_the_page_shows(page, least, tmp_path, in_process, monkeypatch):
    monkeypatch.setattr("usbench.conformance.isolated.check_isolated", check_here)
    assert run_page(ROOT / "docs" / f"{page}.md", tmp_path) >= least


@pytest.mark.parametrize("line", LINES)
def test_every_command_line_of_the_pages_is_understood(line):
    _, *words = shlex.split(line.split("|")[0])
    command = typer.main.get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context("usbench", words)  # raises where an option or a value is not one


def test_the_readmes_ten_lines_are_a_method(tmp_path):
    (block,) = (block for block in blocks(ROOT / "README.md") if block.text.startswith("# my_filter.py"))
    (tmp_path / "my_filter.py").write_text(block.text)
    assert registry.load_method(f"{tmp_path / 'my_filter.py'}[size=7]").label == "box[size=7]"


def test_the_python_of_the_reference_runs():
    (block,) = (
        block for block in blocks(ROOT / "docs" / "reference" / "api.md") if block.text.startswith("import usbench")
    )
    names: dict = {}
    exec(block.text, names)
    assert (names["frame"]["psnr_affine"] > 20).all()


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a 1.00 b", "a  1.01\nb", True),
        ("a 1.00 b", "a 1.20 b", False),
        ("a\n...\nc", "a b b c", True),
        ("a\n...\nc", "a b c d", False),
        ("...\nb 2\n...", "a b 2 c", True),
        ("...\nb 2\n...", "a b c 2", False),
        ("a", "a b", False),
        ("a ...", "a b", True),
    ],
)
def test_what_a_page_shows_is_compared_word_by_word(expected, printed, same):
    assert shows(expected, printed) is same
