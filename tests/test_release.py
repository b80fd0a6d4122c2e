"""A release is refused where something is stale."""

import subprocess
import sys
from pathlib import Path

import imageio.v3 as iio
import pandas as pd
import pytest
from program_files import module_of

FILE = Path(__file__).parents[1] / ".ci" / "release.py"


@pytest.fixture
def release():
    return module_of(FILE)


@pytest.mark.parametrize(
    ("newest", "cited", "told"),
    [
        ("## {} - 2026-12-24", "{}", []),
        ("## {} (unreleased)", "{}", ["CHANGELOG.md begins with"]),
        ("## 0.0.1 - 2026-12-24", "{}", ["CHANGELOG.md begins with"]),
        ("## {} - 2026-12-24", "0.0.1", ["CITATION.cff is not of version"]),
    ],
)
def test_changelog_and_citation_are_of_the_version(release, newest, cited, told, tmp_path):
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{newest.format(release.version())}\n\n- Some.\n")
    (tmp_path / "CITATION.cff").write_text(f"cff-version: 1.2.0\nversion: {cited.format(release.version())}\n")
    found = release.stale_texts(tmp_path)
    assert [sentence.startswith(start) for sentence, start in zip(found, told, strict=True)] == [True] * len(told)


def test_boards_without_rows_of_the_present_versions_are_stale(release, tmp_path, monkeypatch):
    monkeypatch.setattr("usbench.bench.suites.suite", lambda name: (["shapes[count=2]+gamma"], []))
    (told,) = release.stale_rows(tmp_path)
    assert told.startswith("The boards lack ")
    from usbench import registry
    from usbench.bench import plan

    units, metrics = [], [name for name, metric in registry.working("metrics").items() if metric.by_default]
    usable = [one.name for one in registry.plugins("methods") if not one.broken and not one.left_out]
    units = plan.make_plan(usable, ["shapes[count=2]+gamma"], metrics)
    pd.DataFrame({"key": [unit.key for unit in units]}).to_parquet(tmp_path / "rows.parquet")
    assert release.stale_rows(tmp_path) == []
    pd.DataFrame({"key": [unit.key for unit in units[1:]]}).to_parquet(tmp_path / "rows.parquet")
    assert f"lack 1 units of the present versions, of {units[0].method}." in release.stale_rows(tmp_path)[0]


@pytest.mark.full
def test_pictures_that_would_be_drawn_otherwise_are_stale(release, tmp_path):
    subprocess.run([sys.executable, release.ROOT / "docs/recipes/pictures.py", tmp_path], check=True)
    assert release.stale_pictures(tmp_path) == []
    old = tmp_path / "inserted-lesions.png"
    iio.imwrite(old, iio.imread(old) // 2)
    (told,) = release.stale_pictures(tmp_path)
    assert told.startswith("docs/assets/inserted-lesions.png is not what")


def test_nothing_is_tagged_where_something_is_stale(release, monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: ran.append(command))
    monkeypatch.setattr(release, "CHECKS", (lambda: [], lambda: ["The boards are old."]))
    assert release.main([]) == 1
    assert capsys.readouterr().out == "The boards are old.\n"
    assert ran == []
    monkeypatch.setattr(release, "CHECKS", (lambda: [],))
    assert release.main(["--check"]) == 0
    assert ran == []
    assert release.main([]) == 0
    assert ran[0][:3] == ["git", "tag", "-a"]
