"""The hash over the code of a result: what changes it, and what does not."""

import subprocess
import sys

import pytest

PLUGIN = """
from typing import TYPE_CHECKING
from . import kernel
if TYPE_CHECKING:
    from . import only_typed
else:
    from . import otherwise

class Filter:
    def despeckle(self, image):
        from . import lazily
        return lazily

    @classmethod
    def recipe(cls):
        from . import training
"""
MODULES = ("kernel", "only_typed", "otherwise", "lazily", "training", "unrelated")


def hash_of(folder):
    """The hash as a fresh process sees it; files are read once in a process."""
    code = "from usbench.core.source_hash import code_hash; from house.plugin import Filter; print(code_hash(Filter))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


@pytest.fixture
def house(tmp_path):
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "__init__.py").touch()
    (tmp_path / "house" / "plugin.py").write_text(PLUGIN)
    for module in MODULES:
        (tmp_path / "house" / f"{module}.py").write_text("value = 1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("module", "counts"),
    [
        ("kernel", True),
        ("lazily", True),
        ("otherwise", True),
        ("only_typed", False),
        ("training", False),
        ("unrelated", False),
    ],
)
def test_what_runs_counts_and_nothing_else(house, module, counts):
    before = hash_of(house)
    (house / "house" / f"{module}.py").write_text("value = 2\n")
    assert (hash_of(house) != before) is counts
