"""The transfer board: what is left of a gain on another simulator's images."""

import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up_rows import made_up_rows
from playwright.sync_api import expect

import usbench
from usbench.bench.store import Store
from usbench.board.leaderboards import Leaderboards
from usbench.board.page.page import write_page
from usbench.board.page.payload import payload
from usbench.board.summary import BoardSummary, Line, summarise
from usbench.board.training import trainings
from usbench.board.transfer import split_off, transfers
from usbench.board.transfer_tables import transfer_markdown, transfer_payload
from usbench.cli.app import run_command

METRICS = {name: usbench.load_metric(name) for name in ("psnr_affine", "ssim")}
NOISE = np.linspace(-1, 1, 12)
# mean PSNR by what the network was trained on (None is the untouched input), and by what it is tested on
MEANS = {
    "mri+psf": {None: 20.0, "psf": 28.0, "rayleigh": 22.0},
    "mri+rayleigh": {None: 18.0, "psf": 17.0, "rayleigh": 28.0},
}


def rows() -> pd.DataFrame:
    found = []
    for dataset, means in MEANS.items():
        for trained, mean in means.items():
            label = "identity" if trained is None else f"net[simulator={trained}]"
            scores = {label: {"psnr_affine": mean + NOISE, "ssim": mean / 40}}
            params = "{}" if trained is None else json.dumps({"simulator": trained})
            found.append(made_up_rows(scores, dataset=dataset, params=params))
    found.append(made_up_rows({"lee": {"psnr_affine": 23.0, "ssim": 0.5}}, dataset="mri+psf"))
    return pd.concat(found, ignore_index=True)


def studies(frame: pd.DataFrame) -> list[BoardSummary]:
    return summarise(split_off(frame)[1], METRICS)


def test_ordinary_boards_do_not_see_the_networks_nor_sets_that_have_nothing_else():
    ordinary, studied = split_off(rows())
    assert set(ordinary["method"]) == {"identity", "lee"}
    assert set(ordinary["dataset"]) == {"mri+psf"}
    assert set(studied["method"]) == {"identity", "net[simulator=psf]", "net[simulator=rayleigh]"}
    assert set(studied["dataset"]) == set(MEANS)


def test_without_such_networks_every_row_is_ordinary():
    frame = made_up_rows({"identity": {"ssim": 0.1}, "lee": {"ssim": 0.2}})
    ordinary, studied = split_off(frame)
    pd.testing.assert_frame_equal(ordinary, frame)
    assert not len(studied)
    assert transfers([]) == []
    only_controls = made_up_rows({"identity": {"ssim": 0.1}})
    assert len(split_off(only_controls)[0]) == len(only_controls)


def test_shares_are_of_the_gain_of_the_network_that_knows_the_simulator():
    table, by_ssim = transfers(studies(rows()))
    assert (table.method, table.metric, by_ssim.metric) == ("net", "psnr_affine", "ssim")
    assert table.trained == ("psf", "rayleigh")
    assert table.datasets == ("mri+psf", "mri+rayleigh")  # own simulators on the diagonal
    assert table.untouched == pytest.approx({"mri+psf": 20.0, "mri+rayleigh": 18.0})
    own, foreign = table.gains["psf", "mri+psf"], table.gains["rayleigh", "mri+psf"]
    assert (own.own, own.kept, own.gain) == (True, 1.0, pytest.approx(8.0))
    assert (foreign.own, foreign.kept) == (False, pytest.approx(2 / 8))
    assert table.gains["psf", "mri+rayleigh"].kept == pytest.approx(-1 / 10)
    assert table.kept_elsewhere("psf") == pytest.approx(-0.1)
    assert table.kept_elsewhere("rayleigh") == pytest.approx(0.25)


def test_where_no_network_knows_the_simulator_there_is_no_share():
    frame = rows()
    without = frame[~((frame["dataset"] == "mri+psf") & (frame["method"] == "net[simulator=psf]"))]
    table = transfers(studies(without))[0]
    assert table.gains["rayleigh", "mri+psf"].kept is None
    assert table.kept_elsewhere("rayleigh") is None
    assert "–" in transfer_markdown([table])


def _wider(line: Line) -> Line:
    """The line with an interval that includes the untouched mean, if the network knows the simulator."""
    if line.params != {"simulator": "psf"}:
        return line
    return replace(line, cells={name: replace(cell, ci_low=19.9) for name, cell in line.cells.items()})


def test_there_is_no_share_of_a_gain_that_is_not_sure():
    scattered = [
        replace(board, lines=tuple(_wider(line) for line in board.lines)) if board.dataset == "mri+psf" else board
        for board in studies(rows())
    ]
    table = transfers(scattered)[0]
    assert {gain.kept for (_, dataset), gain in table.gains.items() if dataset == "mri+psf"} == {None}
    assert table.gains["psf", "mri+rayleigh"].kept == pytest.approx(-1 / 10)


def test_the_tables_say_mean_interval_and_share():
    text = transfer_markdown(transfers(studies(rows())))
    line = next(line for line in text.splitlines() if line.startswith("| psf |"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1].startswith("**28.00** [")
    assert cells[1].endswith("100 %")
    assert cells[2].startswith("17.00 [")
    assert cells[2].endswith("-10 %")
    assert cells[3] == "-10 %"


def test_the_page_gets_the_same_numbers():
    data = payload(Leaderboards(studies=tuple(studies(rows()))))
    table = data["transfers"][0]
    assert table["datasets"] == ["mri+psf", "mri+rayleigh"]
    mean, low, high, kept, own, mark = table["lines"][1]["cells"][0]
    assert (mean, kept, own, mark) == (pytest.approx(22.0), 0.25, False, "")
    assert low < mean < high
    json.dumps(data, allow_nan=False)
    assert transfer_payload([]) == []


def test_the_leaderboards_have_the_board_its_picture_and_all_rows(tmp_path):
    for number, (_, unit) in enumerate(rows().groupby(["method", "dataset"])):
        Store(tmp_path / "results").write(f"{number:024x}", unit.to_dict("records"), list(unit.columns))
    out = tmp_path / "boards"
    assert run_command(["tables", "--results", str(tmp_path / "results"), "--out", str(out)]) == 0
    assert "net[" not in (out / "simulated.md").read_text()
    assert "mri+rayleigh" not in (out / "simulated.md").read_text()
    assert (out / "figures" / "transfer.png").stat().st_size > 1000
    lines = list(csv.DictReader(io.StringIO((out / "transfer.csv").read_text())))
    assert {line["method"] for line in lines} == {"identity", "net[simulator=psf]", "net[simulator=rayleigh]"}
    assert set(pd.read_parquet(out / "rows.parquet")["method"]) == set(rows()["method"])


def test_the_page_shows_both_studies_and_sorts_them(tmp_path, visit):
    evil = "<img src=x onerror=window.ran=1>"
    studied = rows()
    studied["method"] = studied["method"].str.replace("net", evil)
    lines = trainings({evil: {"images_seen": 10240, "network": evil}, "b": {"images_seen": 7}}, pd.DataFrame())
    data = payload(Leaderboards(studies=tuple(studies(studied)), trainings=tuple(lines)))
    page = visit(write_page(data, tmp_path), "Transfer")
    table = page.locator("#transfer0")
    trained = table.locator("tbody td:first-child")
    expect(trained).to_have_text(["untouched", "psf", "rayleigh"])
    expect(table.locator("tbody tr").last.locator("td").nth(1)).to_have_text(re.compile(r"^22\.00\[.*25 %$"))
    expect(table.locator("td strong")).to_have_count(2)
    table.locator("thead th").nth(1).click()
    expect(trained).to_have_text(["psf", "rayleigh", "untouched"])  # best first
    page.get_by_role("link", name="Training").click()
    expect(page.locator("#training tbody td:nth-child(5)")).to_have_text(["10,240", "7"])
    expect(page.locator("img")).to_have_count(0)
    assert page.evaluate("window.ran") is None
