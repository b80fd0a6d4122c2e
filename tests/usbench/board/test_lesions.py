"""Boards of sets with inserted lesions: what orders them, and their two pictures."""

import json

import numpy as np
import pandas as pd
import pytest
from made_up_rows import made_up_rows
from playwright.sync_api import expect

import usbench
from usbench.board.latex import latex
from usbench.board.leaderboards import Leaderboards
from usbench.board.lesions import lesion_figure, lesion_pictures
from usbench.board.markdown import quality_markdown
from usbench.board.page.page import write_page
from usbench.board.page.payload import payload
from usbench.board.summary import BoardSummary, summarise
from usbench.board.tables import write_tables
from usbench.board.wording import LESIONS, TUNING
from usbench.core.lesions import CONTRASTS_DB, SIZES

GAINS = [f"lesion_gain_{contrast}db_{size}g" for contrast in CONTRASTS_DB for size in SIZES]
NAMES = ("psnr_affine", "gcnr", "grain_kept", "lesion_residual_4db", "gaussian_equivalent_4db", *GAINS)
METRICS = {name: usbench.load_metric(name) for name in NAMES}


def scores(equivalent: object, residual: object, kept: object, gain: float = 0.9, gcnr: float = 0.6) -> dict:
    """What a method has on a board; no image has room for the largest lesions of 16 dB."""
    gains = dict.fromkeys(GAINS, gain) | {"lesion_gain_16db_8g": np.nan}
    measured = {"gaussian_equivalent_4db": equivalent, "lesion_residual_4db": residual, "grain_kept": kept}
    return {**measured, **gains, "gcnr": gcnr}


MADE = {
    "good": scores(0.8, 0.1, 0.4),
    "worse": scores(1.2, 0.2, np.r_[np.full(6, 0.3), np.full(6, 0.36)]),
    "lossy": scores(np.r_[np.inf, np.full(11, 0.5)], 0.45, 0.05, gcnr=0.9),
    "smooth": scores(0.9, 0.4, 0.1, gcnr=0.2),
    "identity": scores(1.0, 0.0, 1.0, gain=1.0, gcnr=0.5),
    "blur[sigma=2]": scores(1.0, 0.3, 0.2),
    "sharpen": scores(2.0, 0.01, 1.4),
}


def board(made: dict = MADE, kind: str = "real") -> BoardSummary:
    (found,) = summarise(made_up_rows(made, kind=kind, dataset="r+lesions"), METRICS)
    return found


def test_real_boards_are_ordered_by_the_gaussian_equivalent_and_the_undefined_stand_below_the_defined():
    found = board()
    assert found.first.name == "gaussian_equivalent_4db"
    names = [line.method for line in found.lines]
    assert names == ["good", "blur[sigma=2]", "identity", "worse", "sharpen", "smooth", "lossy"]
    flags = {line.method: line.flags for line in found.lines}
    assert "O" in flags["smooth"]  # demoted, but above what is undefined
    assert [line.method for line in found.lines if line.cells[found.first.name].best] == ["good"]


def test_a_method_whose_equivalent_is_undefined_is_never_the_best():
    found = board({"lossy": MADE["lossy"], "identity": MADE["identity"]})
    assert [line.method for line in found.lines] == ["identity", "lossy"]
    assert not any(line.cells["gaussian_equivalent_4db"].best for line in found.lines)


def test_simulated_boards_are_ordered_by_psnr_and_the_lesion_columns_stand_beside():
    made = {name: {**found, "psnr_affine": 20.0 + place} for place, (name, found) in enumerate(MADE.items())}
    made = {name: found for name, found in made.items() if name in ("good", "worse", "identity")}
    made["identity"]["psnr_affine"] = 10.0
    found = board(made, "simulated")
    assert [line.method for line in found.lines] == ["worse", "good", "identity"]
    beside = ["gaussian_equivalent_4db", "gcnr", "grain_kept", "lesion_residual_4db"]
    assert [column.name for column in found.shown] == ["psnr_affine", *beside]
    assert all(name in quality_markdown("simulated", [found], None, {}) for name in beside)
    assert all(name.replace("_", r"\_") in latex("simulated", [found]) for name in beside)


def test_what_is_read_beside_a_board_says_which_way_is_better():
    assert METRICS["gaussian_equivalent_4db"].better == "lower"
    assert "1 is no better than the blur; below 1 is better" in LESIONS
    assert "thousands of images" in TUNING
    text = quality_markdown("real", [board()], None, {})
    assert LESIONS in text
    assert TUNING in text


def test_the_diagram_has_the_first_methods_and_controls_and_gaps_where_no_lesion_fits():
    gains = lesion_pictures(board()).gains
    assert [line.method for line, _ in gains] == ["good", "worse", "smooth", "lossy", "blur[sigma=2]", "identity"]
    assert gains[0][1] == {contrast: (0.9,) * 3 + ((None,) if contrast == 16 else (0.9,)) for contrast in CONTRASTS_DB}
    many = {f"m{n}": scores(1 + n / 10, 0.1, 0.4) for n in range(9)}
    assert [line.method for line, _ in lesion_pictures(board(many)).gains] == ["m0", "m1", "m2", "m3", "m4"]


def test_the_curve_of_the_gaussian_is_grain_over_equivalent_and_leaves_out_what_is_undefined():
    pictures = lesion_pictures(board())
    assert np.array(pictures.gaussian) == pytest.approx(
        np.array([[0, 1], [0.01, 0.7], [0.1, 0.5], [0.2, 0.275], [0.3, 0.2], [0.4, 1 / 9]])
    )
    points = {line.method: (residual, kept) for line, residual, kept in pictures.points}
    assert points["worse"] == pytest.approx((0.2, 0.33))
    assert points["lossy"] == pytest.approx((0.45, 0.05))


def test_images_without_room_for_lesions_are_left_out_of_the_points():
    partly = np.r_[np.full(6, np.nan), np.full(6, 1.2)]
    made = {"worse": scores(partly, partly / 6, np.r_[np.full(6, 0.9), np.full(6, 0.36)])}
    pictures = lesion_pictures(board(made))
    assert pictures.points[0][1:] == pytest.approx((0.2, 0.36))
    assert pictures.gaussian[1] == pytest.approx((0.2, 0.3))


def test_a_board_without_lesions_has_no_pictures(tmp_path):
    (plain,) = summarise(made_up_rows({"a": {"gcnr": 0.5}}, kind="real"), METRICS)
    none = board({"a": scores(np.nan, np.nan, np.nan)})
    assert lesion_pictures(plain) is None
    assert lesion_pictures(none) is None
    assert not lesion_figure([plain, none], tmp_path / "none.png")
    assert [one["lesions"] for one in payload(Leaderboards((plain, none)))["boards"]] == [None, None]


def test_the_figure_is_written_with_the_tables_and_twice_the_same(tmp_path):
    paths = [write_tables(Leaderboards((board(),)), tmp_path / name) for name in "ab"]
    drawn = [next(path for path in found if path.name == "lesions.png") for found in paths]
    assert drawn[0].read_bytes() == drawn[1].read_bytes()
    simulated = write_tables(Leaderboards((board(kind="simulated"),)), tmp_path / "c")
    assert "lesions.png" not in [path.name for path in simulated]


def test_the_page_draws_both_pictures_beside_its_other_plots(tmp_path, visit):
    rows = pd.concat(
        [made_up_rows(MADE, kind="real", dataset="r+lesions"), made_up_rows({"a": {"gcnr": 0.5}}, kind="real")]
    )
    data = payload(Leaderboards(tuple(summarise(rows, METRICS))))
    json.dumps(data, allow_nan=False)
    page = visit(write_page(data, tmp_path), "r+lesions (test)")
    detail, plane = page.locator(".plot").nth(0), page.locator(".plot").nth(1)
    expect(detail.locator("h3")).to_have_text("Contrast-detail diagram of inserted lesions")
    expect(detail.locator(".cartesianlayer .subplot")).to_have_count(len(CONTRASTS_DB))
    expect(detail.locator(".legendtext")).to_have_text(
        ["good", "worse", "smooth", "lossy", "blur[sigma=2]", "identity"]
    )
    expect(plane.locator("h3")).to_have_text("Speckle against inserted lesions")
    expect(plane.locator(".point")).to_have_count(len(MADE))
    axes = data["boards"][0]["lesions"]["axes"]
    expect(plane.locator(".xtitle, .ytitle")).to_have_text([axes["residual"], axes["grain"]])
    assert "sharpen" not in plane.locator(".textpoint").all_text_contents()
    for text in (LESIONS, TUNING):
        expect(page.locator("footer")).to_contain_text(text)
    page.get_by_role("link", name="d (test)").click()
    expect(page.locator(".plot")).to_have_count(3)
