"""The map of the house in CONTRIBUTING.md is that of the packages."""

from pathlib import Path

from usbench_docs.house import house, with_house

ROOT = Path(__file__).parents[2]


def test_the_map_is_written_from_the_docstrings_of_all_packages():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert with_house(text) == text, "run `python docs/usbench_docs/house.py`"


def test_every_package_has_a_line_that_says_what_it_is_for():
    lines = dict(line.split(maxsplit=1) for line in house().splitlines()[1:-1])
    packages = [path.parent for path in ROOT.glob("[umd]*/**/__init__.py") if path.parts[-3] != "docs"]
    named = {f"{path.relative_to(ROOT).as_posix()}/" for path in packages if path.relative_to(ROOT).parts[0] != "docs"}
    assert named - {"usbench/"} <= set(lines)
