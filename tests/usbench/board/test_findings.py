"""Numbers of README and docs/findings.md are those of the rows."""

import re
from pathlib import Path

import pandas as pd
import pytest
from made_up_rows import made_up_rows

import usbench
from usbench.bench.suites import DEFAULT, VERDICT
from usbench.board.findings import NO_ROWS, NO_RUN, REGION, facts, filled
from usbench.board.summary import summarise
from usbench.cli.app import run_command
from usbench.cli.leaderboards import prose_facts
from usbench.core.errors import UsageError

pytestmark = pytest.mark.usefixtures("in_process")

METRICS = {name: usbench.load_metric(name) for name in ("psnr_affine", "gaussian_equivalent_4db")}
CARDS = {
    "unet": {"family": "deep, supervised"},
    "gan-d": {"family": "deep, GAN"},
    "lee": {"family": "local statistics"},
}
ROOT = Path(__file__).parents[3]
PROSE = ("README.md", "docs/findings.md")


def scores(gan_d: float, unet: float = 25.0) -> dict[str, dict[str, object]]:
    methods = {"identity": 20.0, "gan-d": gan_d, "lee": 22.0, "median": 23.0, "unet": unet}
    noise = [0.01 * (place % 3) for place in range(12)]
    return {
        name: {"psnr_affine": [value + more for more in noise], "gaussian_equivalent_4db": value / 20}
        for name, value in methods.items()
    }


def found(gan_d: float, sets: tuple[str, ...] = ("d",)) -> dict[str, str]:
    return facts(summarise(made_up_rows(scores(gan_d)), METRICS), sets, CARDS)


@pytest.mark.parametrize("name", PROSE)
def test_prose_and_rows_agree(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert filled(text, prose_facts(ROOT / "leaderboards")) == text


@pytest.mark.parametrize("name", PROSE)
def test_no_result_is_typed(name):
    text = re.sub(r"```.*?```", "", REGION.sub("", (ROOT / name).read_text(encoding="utf-8")), flags=re.DOTALL)
    typed = re.findall(r"-?\d+(?:\.\d+)?(?= ?(?:dB\b|%|ms\b))|\b0\.\d{2,}\b", text)
    assert [number for number in typed if number != "4"] == []  # of the metric that is called GE 4 dB


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_the_table_has_untouched_ours_best_filter_and_best_other_network():
    row = found(24.0)["verdict"].splitlines()[-1]
    assert row == "| d | psnr_affine, dB ↑ | 20.01 | 24.01 | median 23.01 | unet 25.01 |"


def test_findings_follow_the_rows():
    assert "ahead of the best filter on 1 of 1" in found(24.0)["findings"]
    assert "ahead of the best other network on 0 of 1" in found(24.0)["findings"]
    assert "ahead of the best filter on 0 of 1" in found(21.0)["findings"]
    assert "than a Gaussian blur that removes as much speckle on 1 of 1" in found(24.0)["findings"]


def test_changed_rows_change_the_prose():
    page = "a\n<!-- rows: verdict -->\n<!-- end of rows -->\nb\n"
    once = filled(page, found(24.0))
    assert "24.01" in once
    assert filled(once, found(24.0)) == once
    assert filled(once, found(24.5)) != once


def test_without_rows_of_the_suite_the_text_says_so():
    assert set(found(24.0, sets=("other",)).values()) == {NO_ROWS}


def test_an_unknown_region_or_none_is_an_error():
    with pytest.raises(UsageError, match="Did you mean 'verdict'?"):
        filled("<!-- rows: verdit -->\n<!-- end of rows -->", found(24.0))
    with pytest.raises(UsageError, match="has no region"):
        filled("no region", found(24.0))


def test_readme_stays_short_when_it_is_filled():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    printed = ["```text", "title", "head", *DEFAULT, "marks", "Gaussian equivalent", "busy", "```"]
    rows = pd.concat([made_up_rows(scores(24.0), dataset=name) for name in VERDICT])
    full = facts(summarise(rows, METRICS), VERDICT, CARDS)
    assert len(full["verdict"].splitlines()) == len(VERDICT) + 2
    assert len(filled(text, {**full, "first-run": "\n".join(printed)}).splitlines()) <= 120


def test_the_first_run_in_readme_is_what_the_command_prints(tmp_path, monkeypatch, capsys, made_up_times):
    sets = ("phantom[count=2]+psf", "echo+lesions")
    monkeypatch.setattr("usbench.bench.suites.DEFAULT", sets)
    monkeypatch.setattr("usbench.bench.suites.SUITES", {"default": sets})
    monkeypatch.setattr("usbench.cli.leaderboards.PROSE", ("page.md",))
    monkeypatch.chdir(tmp_path)
    assert run_command(["run", "--method", "gan-d", "--limit", "2", "--workers", "1"]) == 0
    printed = capsys.readouterr().out.splitlines()
    table = printed[: next(place for place, line in enumerate(printed) if line.startswith("Rows are in"))]
    (tmp_path / "page.md").write_text("<!-- rows: first-run -->\n<!-- end of rows -->\n")
    assert run_command(["tables"]) == 0  # without --out, it fills the prose of the folder
    assert "Wrote the numbers of page.md." in capsys.readouterr().out
    shown = (tmp_path / "page.md").read_text().splitlines()
    assert shown[1] == "```text"
    assert shown[2:-2] == [line.rstrip() for line in table]
    from_boards = prose_facts(tmp_path / "leaderboards")["first-run"]
    assert from_boards.splitlines()[1:-1] == shown[2:-2]


def test_tables_into_another_folder_leave_the_prose_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_command(["run", "-m", "median", "-d", "phantom[count=1]+psf", "--no-timing", "--workers", "1"]) == 0
    (tmp_path / "README.md").write_text("<!-- rows: first-run -->\n<!-- end of rows -->\n")
    assert run_command(["tables", "--out", "elsewhere"]) == 0
    assert (tmp_path / "README.md").read_text() == "<!-- rows: first-run -->\n<!-- end of rows -->\n"
    assert run_command(["tables"]) == 0
    assert NO_RUN in (tmp_path / "README.md").read_text()
