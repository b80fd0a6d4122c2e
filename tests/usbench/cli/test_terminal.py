"""What a stranger's names and reasons may do to a terminal, a Markdown or a CSV file: nothing."""

import csv
import io
import subprocess
import sys

import pandas as pd
import pytest
from made_up_rows import made_up_rows
from program_files import plugin_file

from usbench.bench.store import Store
from usbench.cli.app import run_command
from usbench.cli.terminal import PrintableStream, console, printable_output

CLEAR = "\x1b[2J\x1b[31m"
EVIL = f"{CLEAR}m|x\n# heading\r<img src=http://x>\u202e\x9b5n](http://x)\x07"
CONTROLS = [chr(code) for code in (*range(9), *range(11, 32), *range(127, 160), 0x202E, 0x2066, 0x200B)]
SPEED = {
    "params": "{}", "device": "cpu", "threads": 2, "size": 256, "batch": 1, "iqr_ms": 0.1, "rounds": 9,
    "prepare_s": 0.5, "peak_mib": 12.0, "parameters": None, "macs": None, "load": 0.0,
    "busy": False, "taken": "2026-01-01", "status": "ok", "median_ms": 3.0,
}  # fmt: skip


@pytest.fixture
def results(tmp_path):
    scores = {"identity": {"psnr": 20.0}, EVIL: {"psnr": range(12)}, "=1+cmd|' /C calc'!A0": {"psnr": 3.0}}
    rows = pd.concat([made_up_rows(scores, dataset=f"={EVIL}"), made_up_rows(scores, dataset="real", kind="real")])
    rows.loc[3, ["status", "reason", "psnr"]] = ["failed", EVIL, None]
    Store(tmp_path).write("a1", rows.to_dict("records"), list(rows.columns))
    speeds = [SPEED | {"method": EVIL, "hardware": EVIL, "reason": EVIL}]
    Store(tmp_path).write("b1", speeds, list(speeds[0]), lane="speed")
    return tmp_path


def test_the_files_of_the_boards_have_no_control_characters_cells_or_formulas_of_rows(results, tmp_path):
    assert run_command(["tables", "--results", str(results), "--out", str(tmp_path / "boards")]) == 0
    for path in (tmp_path / "boards").glob("*.*"):
        if path.suffix in (".md", ".csv", ".tex", ".html"):
            text = path.read_text(encoding="utf-8")
            libraries = text.partition("<script>")[0] if path.suffix == ".html" else text
            assert not [letter for letter in CONTROLS if letter in libraries], path.name
    for name in ("simulated", "real", "speed"):
        markdown = (tmp_path / "boards" / f"{name}.md").read_text()
        assert "<img" not in markdown
        assert "](http" not in markdown
        tables = [line for line in markdown.splitlines() if line.startswith("|")]
        widths = {line.replace(r"\|", "").count("|") for line in tables}
        assert len(widths) <= 2, name  # of the overview and of the boards
        cells = [
            cell for line in csv.reader(io.StringIO((tmp_path / "boards" / f"{name}.csv").read_text())) for cell in line
        ]
        formulas = [cell for cell in cells if cell.startswith(("=", "+", "-", "@")) and not _is_number(cell)]
        assert not formulas


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    "command", [["compare", "identity", "nosuch"], ["compare", "identity", f"\\x1b{EVIL[1:]}"], ["gallery"]]
)
def test_commands_print_no_control_characters_of_rows(command, results, capsys):
    run_command([*command, "--results", str(results)])
    said = "".join(capsys.readouterr())
    assert not [letter for letter in CONTROLS if letter in said]


def test_error_messages_are_one_line_without_control_characters(tmp_path, capsys):
    assert run_command(["run", "-m", f"{EVIL}", "-d", "shapes+rayleigh", "--results", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert not [letter for letter in CONTROLS if letter in said]
    assert said.count("\n") == 1


def test_a_failure_of_a_run_is_shown_escaped(tmp_path, capsys, in_process):
    file = plugin_file(tmp_path, "bad", SENTENCE=EVIL)
    command = [
        "run",
        "-m",
        str(file),
        "-d",
        "natural[size=32]+gamma",
        "--limit",
        "1",
        "--metric",
        "psnr",
        "--no-timing",
    ]
    assert run_command([*command, "--workers", "1", "--results", str(tmp_path / "rows")]) == 1
    said = "".join(capsys.readouterr())
    assert not [letter for letter in CONTROLS if letter in said]
    assert not [letter for letter in CONTROLS if letter in "".join(Store(tmp_path / "rows").read()["reason"])]


def test_colours_of_our_own_still_reach_a_terminal(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    with printable_output():
        assert isinstance(sys.stdout, PrintableStream)
        print(CLEAR)
        console(force_terminal=True, color_system="standard", width=80).print(
            CLEAR, style="red", markup=False, highlight=False
        )
    assert stream.getvalue() == "\\x1b[2J\\x1b[31m\n\x1b[31m\\x1b[2J\\x1b[31m\x1b[0m\n"
    assert sys.stdout is stream


def test_the_policy_of_the_page_allows_its_own_scripts_and_no_other(results, tmp_path):
    import re

    from usbench.board.page.page import script_hash

    run_command(["tables", "--results", str(results), "--out", str(tmp_path / "boards")])
    page = (tmp_path / "boards" / "index.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == directives["base-uri"] == directives["form-action"] == "'none'"
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert directives["script-src"].split() == [script_hash(script) for script in scripts]
    assert not {"connect-src", "object-src", "frame-src"} & directives.keys()


@pytest.mark.parametrize("arguments", [["list", "metrics"], ["list", "metrics", "--json"], ["show", "psf", "--json"]])
def test_a_reader_that_has_ended_is_no_error(arguments):
    command = [sys.executable, "-m", "usbench", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        running.stdout.close()  # as `usbench list metrics | true` does
        assert running.stderr.read() == ""
        assert running.wait(timeout=60) == 1
