"""axe-core, from npm at the version that axe/package-lock.json pins: what it finds in a page."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from browser import act

FOLDER = Path(__file__).with_name("axe")
SOURCE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Path, before: str = "", **size: int) -> list[Any]:
    """Return [rule, elements] of each violation of WCAG 2.2 AA and of axe's best practices, after a script."""
    found = act(page, f"{before}\n{_axe()}\nconst told = await axe.run(); await rest(); {TELL}", **size)
    assert found["passes"] > 10
    return found["violations"]


TELL = """return {
    passes: told.passes.length,
    violations: told.violations.map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))]),
};"""


def _axe() -> str:
    if not SOURCE.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("there is no npm here to get axe-core with")
        done = subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=FOLDER, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"npm could not get axe-core: {done.stderr[-200:]}")
    return SOURCE.read_text(encoding="utf-8")
