"""The examples of a Markdown page: its blocks, how they are run, and whether they print what the page shows."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from usbench.cli.app import run_command

FENCE = re.compile(r"^```(\w*)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"-?\d+\.?\d*(?:e[+-]?\d+)?")
GAP = "..."
RELATIVE, ABSOLUTE = 0.03, 0.02  # by which a number may differ from one machine to another
COLUMNS = "110"  # the width that the pages' outputs have
SHELL = re.compile(r"[|&;<>$`*?~#]")  # what a shell would act on


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that it is (empty if it is none), and its text."""

    language: str
    title: str
    text: str


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    return [Block(*found) for found in FENCE.findall(page.read_text(encoding="utf-8"))]


def run_page(page: Path, folder: Path) -> int:
    """Run the blocks of a page in order, in a folder, and return how many were run.

    A block with a title is written to that file; others in `bash` and `python` are run, and a `text` block that follows
    one is what it prints.
    """
    found, ran = blocks(page), 0
    for number, block in enumerate(found):
        if block.title:
            (folder / block.title).write_text(block.text, encoding="utf-8")
        elif block.language in ("bash", "python"):
            printed = _run(block, folder)
            ran += 1
            following = found[number + 1] if number + 1 < len(found) else block
            if following.language == "text":
                assert shows(following.text, printed), f"{block.text}\nprinted\n{printed}\nnot\n{following.text}"
    return ran


def _run(block: Block, folder: Path) -> str:
    """Return what a block prints; commands of usbench at its head run in this process, which takes no time to start."""
    out, said = StringIO(), StringIO()
    lines = block.text.replace("\\\n", " ").splitlines()
    with pytest.MonkeyPatch.context() as patch, chdir(folder), redirect_stdout(out), redirect_stderr(said):
        patch.setenv("COLUMNS", COLUMNS)
        if block.language == "python":
            exec(block.text, {"__name__": "__main__"})
            return out.getvalue()
        while lines and lines[0].startswith("usbench ") and not SHELL.search(lines[0]):
            assert run_command(shlex.split(lines.pop(0))[1:]) == 0, f"{block.text}\n{out.getvalue()}{said.getvalue()}"
    return out.getvalue() + (_in_bash("\n".join(lines), folder) if lines else "")


def _in_bash(text: str, folder: Path) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": COLUMNS},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done.stdout


def shows(expected: str, printed: str) -> bool:
    """Return whether a page shows what was printed: the same words, and numbers that are nearly the same.

    `...` stands for anything. White space does not matter.
    """
    rest = printed.split()
    pieces = [piece.split() for piece in re.split(r"(?:^|(?<=\s))\.\.\.(?=\s|$)", expected)]
    start = 0
    for number, piece in enumerate(pieces):
        places = range(start, len(rest) - len(piece) + 1) if number else range(1)
        place = next((at for at in places if _alike(piece, rest[at : at + len(piece)])), None)
        if place is None:
            return False
        start = place + len(piece)
    return not pieces[-1] or start == len(rest)


def _alike(words: list[str], found: list[str]) -> bool:
    return len(words) == len(found) and all(map(_same, words, found))


def _same(word: str, found: str) -> bool:
    if NUMBER.sub("#", word) != NUMBER.sub("#", found):
        return False
    pairs = zip(map(float, NUMBER.findall(word)), map(float, NUMBER.findall(found)), strict=True)
    return all(abs(one - other) <= max(ABSOLUTE, RELATIVE * abs(one)) for one, other in pairs)


def command_lines(page: Path) -> Iterator[str]:
    """Yield the command lines of usbench in a page's blocks, without what is said of them two spaces further right."""
    for block in blocks(page):
        for line in re.sub(r"\\\n", " ", block.text).splitlines():
            if line.startswith("usbench "):
                yield re.split(r"\s{2,}", line)[0]
