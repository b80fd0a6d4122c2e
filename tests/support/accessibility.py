"""axe-core, from npm at the version that axe/package-lock.json pins: what it finds in a page."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page

FOLDER = Path(__file__).with_name("axe")
SOURCE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """Return the rule and the first elements of each violation of WCAG 2.2 AA and of axe's best practices."""
    page.evaluate(_axe())
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")  # of the others one element each
    assert len(found["passes"]) > 10
    return [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found["violations"]]


def _axe() -> str:
    if not SOURCE.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("there is no npm here to get axe-core with")
        done = subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=FOLDER, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"npm could not get axe-core: {done.stderr[-200:]}")
    return SOURCE.read_text(encoding="utf-8")
