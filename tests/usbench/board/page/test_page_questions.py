"""What a reader asks the page, in clicks; side by side; pictures from the folder; axe-core."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from accessibility import violations
from browser import go_to
from made_up_rows import made_up_rows, made_up_time
from PIL import Image
from playwright.sync_api import Page, expect

import usbench
from usbench.board.leaderboards import Leaderboards
from usbench.board.page import pictures
from usbench.board.page.page import write_page
from usbench.board.page.payload import leading, payload
from usbench.board.speed import current_speeds
from usbench.board.summary import summarise
from usbench.board.wording import meaning

METRICS = {name: usbench.load_metric(name) for name in ("psnr_affine", "ssim", "gcnr", "ssi", "epi_beta")}
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=24)
MS = {"bm3d": 900.0, "gan-d": 60.0, "median": 4.0, "mean": 0.5, "lee": 7.0, "frost": 30.0}
ANATOMY = {"neck": "vessel", "drawn": "phantom", "heart": "heart", "belly": "abdomen"}


def simulated(dataset: str, **quality: float) -> pd.DataFrame:
    scores = {
        name: {"psnr_affine": value + NOISE, "ssim": value / 40, "ssi": 1 - value / 50}
        for name, value in {"identity": 10.0, **quality}.items()
    }
    return made_up_rows(scores, images=24, dataset=dataset)


def real(dataset: str, **quality: float) -> pd.DataFrame:
    scores = {
        name: {"gcnr": value + NOISE / 1000, "epi_beta": 0.5, "ssi": 1 - value}
        for name, value in {"identity": 0.2, **quality}.items()
    }
    return made_up_rows(scores, images=24, dataset=dataset, kind="real")


def speeds() -> pd.DataFrame:
    found = [made_up_time(name, ms) for name, ms in MS.items()]
    found[-1] |= {"size": 512}  # frost was timed at another size alone
    return current_speeds(pd.DataFrame(found))


def make_pictures(results):
    for dataset in ("neck", "heart"):
        folder = results / "gallery" / dataset / "s0000"
        folder.mkdir(parents=True)
        greys = {"input": 50, "reference": 100, "gan-d": 110, "bm3d": 120, "median": 90}
        for name, grey in greys.items():
            Image.fromarray(np.full((32, 48), grey, np.uint8)).save(folder / f"{name}.png")
        about = {"dataset": dataset, "split": "test", "sample": "s0000", "licence": "CC0", "citation": "nobody",
                 "images": {name: f"{name}.png" for name in greys}}  # fmt: skip
        (folder / "about.json").write_text(json.dumps(about))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    rows = pd.concat(
        [
            simulated("neck", bm3d=27, **{"gan-d": 33}, median=22, mean=15, lee=20, frost=21),
            simulated("drawn", bm3d=35, **{"gan-d": 30}, median=25, mean=16, lee=20, frost=21),
            real("heart", bm3d=0.8, **{"gan-d": 0.7}, median=0.5, mean=0.3, lee=0.4, frost=0.45),
            real("belly", bm3d=0.6, **{"gan-d": 0.5}, median=0.4, mean=0.3, lee=0.35, frost=0.38),
        ]
    )
    boards = tuple(sorted(summarise(rows, METRICS), key=lambda board: board.dataset))
    found = Leaderboards(
        boards,
        speeds=speeds(),
        metrics={name: meaning(metric) for name, metric in METRICS.items()},
        methods={"gan-d": {"title": "GAN", "family": "deep"}, "bm3d": {"title": "BM3D", "family": "patches"}},
        datasets={name: {"title": name, "anatomy": anatomy} for name, anatomy in ANATOMY.items()},
    )
    make_pictures(folder / "results")
    leader = {"neck": "gan-d", "heart": "bm3d"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "FIRST", 1)  # the leading method of each set
        all_of_them = pictures.read_pictures(folder / "results", leading(boards))
        first = [one["images"][name] for one in all_of_them for name in ("input", "reference", leader[one["dataset"]])]
        told = pictures.read_pictures(folder / "results", leading(boards), sum(map(len, first)))
        assert [len(one["images"]) for one in told] == [3, 3]
    pictures.copy_pictures(folder / "results", folder)
    return write_page(payload(found, told), folder)


def choose(page: Page, name: str) -> None:
    """Click one of the choices of the page that recommends."""
    page.get_by_role("radio", name=name, exact=True).click()


def test_best_for_carotid_is_one_click(visit, file):
    page = visit(file)
    choose(page, "Vessels (carotid)")
    said = "Vessels (carotid), all round: gan-d first, of 6 methods on 1 simulated set."
    expect(page.locator("#said")).to_have_text(said)
    expect(page.locator(".answer .name").first).to_have_text("gan-d")


def test_gan_d_or_bm3d_on_real_images_is_two_clicks(visit, file):
    page = visit(file)
    for name in ("gan-d", "bm3d"):
        page.locator("#all").get_by_label(f"compare {name}").click()
    said = "Real images: gan-d is ahead on 0 of 2 sets, bm3d on 2."
    said += " Simulated speckle: gan-d is ahead on 1 of 2 sets, bm3d on 1."
    expect(page.locator("#said")).to_have_text(said)


def test_best_under_5_ms_is_one_click(visit, file):
    page = visit(file)
    choose(page, "5 ms")
    said = "Real B-mode, all round, at most 5 ms an image: median first, of 6 methods on 2 real sets."
    expect(page.locator("#said")).to_have_text(said)
    expect(page.locator(".answer .name").first).to_have_text("median")


def test_the_front_has_no_method_that_another_beats_in_quality_and_time(visit, file):
    page = visit(file)
    names = page.locator(".answer .name")
    expect(names).to_have_text(["bm3d", "gan-d", "median", "mean"])
    choose(page, "Speed")
    expect(names).to_have_text(["mean", "median", "gan-d", "bm3d"])


def test_where_one_method_beats_all_the_next_ones_are_shown_and_marked(visit, file):
    page = visit(file)
    choose(page, "Vessels (carotid)")
    choose(page, "Structure kept")
    places = page.locator(".answer").filter(has=page.locator(".name"))
    expect(places.first).to_contain_text("1. gan-d")
    beaten = ["Beaten by those before it" in text for text in places.all_text_contents()]
    assert beaten[:3] == [False, True, True]


def test_what_is_not_measured_is_said(visit, file):
    page = visit(file)
    page.evaluate("DATA.boards.forEach((board) => { board.metrics.splice(1); })")
    choose(page, "Structure kept")
    expect(page.locator("#said")).to_have_text("Real B-mode: structure kept is not measured on these sets.")


def test_answers_have_pictures_and_lead_to_boards(visit, file):
    page = visit(file)
    for name in ("input", "bm3d", "gan-d"):  # the last is in the folder beside the page
        picture = page.get_by_alt_text(f"heart, s0000: {name}", exact=True)
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 48
    page.locator("main").get_by_role("link", name="heart (test)").first.click()
    expect(page.locator("main h2")).to_have_text("heart (test)")


def test_a_time_at_another_size_says_so(visit, file):
    page = visit(file, "neck (test)")
    for name, time in {"frost": "30.0at 512²", "gan-d": "60.0", "identity": "–"}.items():
        row = page.locator("#table tbody tr").filter(has=page.get_by_role("button", name=name, exact=True))
        expect(row.locator("td").last).to_have_text(time)


def test_two_methods_side_by_side_with_their_pictures(visit, file):
    page = visit(file, "compare gan-d with bm3d")
    rows = page.locator("#duel tbody tr")
    sets = {"belly": "0 of 24", "heart": "0 of 24", "drawn": "0 of 24", "neck": "24 of 24"}
    for row, (name, images) in zip(rows.all(), sets.items(), strict=True):
        cells = row.locator("td").all_text_contents()
        assert (cells[0], cells[5:7]) == (f"{name} (test)", ["gan-d" if name == "neck" else "bm3d", images])
    said = page.locator(".viewer [aria-live]")
    expect(said).to_have_text(re.compile(r"^gan-d \(gcnr"))
    page.locator("#way0").select_option(index=3)  # difference
    expect(said).to_contain_text("only where the page is served")  # gan-d's picture is in the folder
    page.get_by_label("Second").first.select_option("identity")
    expect(page.locator("main h2")).to_have_text("gan-d and identity")


def test_without_the_folder_a_sentence_names_the_missing_file(visit, file, tmp_path, wrong):
    page = visit(Path(shutil.copy(file, tmp_path)), "heart (test)")
    page.locator("#view-first0").select_option("gan-d")
    said = "There is no pictures/heart/s0000/gan-d.png beside this page; usbench tables writes it."
    expect(page.locator(".viewer [aria-live]")).to_have_text(said)
    assert {message.partition(":")[0] for message in wrong} == {"Failed to load resource"}
    wrong.clear()


VIEWS = ("Which method?", "neck (test)", "All real sets", "Speed", "compare gan-d with bm3d")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(visit, file, width, scheme):
    page = visit(file, width=width, color_scheme=scheme)
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    for view in VIEWS:
        go_to(page, view)
        if view == "neck (test)":
            expect(page.locator(".plot .main-svg").last).to_be_attached()
        assert (view, violations(page)) == (view, [])


def test_axe_would_find_a_control_without_a_name(visit, file):
    page = visit(file)
    page.evaluate("document.querySelector('main').append(document.createElement('select'))")
    assert [rule for rule, _ in violations(page)] == ["select-name"]
