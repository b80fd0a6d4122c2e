"""The page of the leaderboards, in a real browser where there is one."""

import json
import re
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest
from browser import go_to
from made_up_rows import made_up_rows, made_up_time
from PIL import Image
from playwright.sync_api import Page, expect

import usbench
from usbench.board.leaderboards import Leaderboards
from usbench.board.page.page import embedded, room_for_pictures, write_page
from usbench.board.page.payload import payload
from usbench.board.page.pictures import copy_pictures, read_pictures
from usbench.board.speed import current_speeds
from usbench.board.summary import summarise
from usbench.board.wording import meaning

METRICS = {name: usbench.load_metric(name) for name in ("psnr", "ssim", "gcnr", "mae")}
EVIL = "</script><script>window.ran=1</script><img src=x onerror=window.ran=1>"
RNG = np.random.default_rng(0)
SPEEDS = current_speeds(
    pd.DataFrame([made_up_time(EVIL, 100.0, hardware=EVIL), made_up_time("lee", 9.0, hardware=EVIL)])
)


def boards(rows: pd.DataFrame, speeds: pd.DataFrame | None = None) -> Leaderboards:
    summaries = sorted(summarise(rows, METRICS), key=lambda board: board.dataset)
    return Leaderboards(tuple(summaries), speeds=pd.DataFrame() if speeds is None else speeds)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    noise = RNG.normal(size=24)
    simulated = made_up_rows(
        {
            "identity": {"psnr": 10 + noise, "ssim": 0.2, "mae": 0.2},
            "gan-d": {"psnr": 30 + noise, "ssim": 0.8, "mae": 0.1},
            "median": {"psnr": 25 + noise, "ssim": 0.9, "mae": 0.15},
            EVIL: {"psnr": 20 + noise, "ssim": 0.3, "mae": 0.19},
        },
        images=24,
        dataset="d1",
    )
    lost = simulated["method"].eq("median") & simulated["sample"].eq("s0003")
    simulated.loc[lost, ["psnr", "status"]] = [np.nan, "failed"]
    real = made_up_rows(
        {"identity": {"gcnr": 0.5}, "bm3d": {"gcnr": 0.7}, "lee": {"gcnr": 0.6}}, kind="real", dataset=EVIL
    )
    rows = pd.concat([simulated, real])
    results = folder / "results"
    sample = results / "gallery" / "d1" / "s0000"
    sample.mkdir(parents=True)
    greys = {"uncertainty of " + EVIL: 30, "input": 50, "reference": 100, "gan-d": 110, EVIL: 80}
    for place, grey in enumerate(greys.values()):
        Image.fromarray(np.full((32, 48), grey, np.uint8)).save(sample / f"{place}.png")
    outline = np.zeros((32, 48, 2), np.uint8)
    outline[4, 4:9] = 255
    Image.fromarray(outline, mode="LA").save(sample / "regions.png")
    images = {label: f"{place}.png" for place, label in enumerate(greys)} | {"regions": "regions.png"}
    about = {"dataset": "d1", "split": "test", "sample": "s0000", "licence": "CC0", "citation": EVIL, "images": images,
             "white": {"uncertainty of " + EVIL: 0.1}}  # fmt: skip
    (sample / "about.json").write_text(json.dumps(about))
    cards = {
        "gan-d": {"title": "GAN", "family": "deep", "citation": EVIL},
        "median": {"family": "rank order"},
        EVIL: {"family": EVIL},
        "identity": {"family": "control"},
    }
    meanings = {name: meaning(metric) for name, metric in METRICS.items()}
    found = replace(boards(rows, SPEEDS), metrics=meanings, methods=cards, datasets={"d1": {"title": EVIL}})
    copy_pictures(results, folder)
    return write_page(payload(found, read_pictures(results), date="2026-01-02"), folder)


def test_the_page_is_one_file_with_licences_and_no_address_to_load_from(file):
    text = file.read_text(encoding="utf-8")
    assert len(text) < 3_000_000
    assert "SpryMedia" in text
    assert "Plotly" in text
    markup = text.partition("<script type")[0]
    assert not re.search(r"<(script|link|img|iframe)[^>]*\s(src|href)=(?![\"']?(#|data:))", markup)
    assert EVIL not in text
    assert "default-src 'none'" in text


def test_the_foot_has_version_and_date(visit, file):
    said = f"Written by usbench {version('usbench')}; the newest run is of 2026-01-02."
    expect(visit(file).locator("#made")).to_have_text(said)


def test_pictures_fill_the_page_to_ten_megabytes_and_no_further(tmp_path, monkeypatch):
    data = payload(boards(made_up_rows({"a": {"psnr": 1.0}, "b": {"psnr": 2.0}})))
    room = room_for_pictures(data)
    data["pictures"] = [{"images": {"input": "x" * room}}]
    assert 9_000_000 < write_page(data, tmp_path).stat().st_size < 10_000_000
    monkeypatch.setattr("usbench.board.page.page.MOST_BYTES", 1000)
    assert room_for_pictures(data) == 0


def test_the_same_data_are_the_same_bytes(tmp_path):
    made = made_up_rows({"a": {"psnr": 1.0}, "b": {"psnr": 2.0}})
    pages = []
    for name, rows in (("1", made), ("2", made.iloc[::-1])):
        pages.append(write_page(payload(boards(rows)), tmp_path / name).read_bytes())
    assert pages[0] == pages[1]


def test_data_cannot_end_its_element():
    text = embedded({"a": "</script><!--", "b": "\u2028"})
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><!--", "b": "\u2028"}


def test_what_goes_wrong_in_a_page_is_heard(visit, wrong, tmp_path):
    bad = tmp_path / "bad.html"
    policy = "<meta http-equiv=Content-Security-Policy content=\"img-src 'none'\">"
    script = "<script>console.warn('warned'); Promise.reject(Error('rejected')); throw Error('thrown')</script>"
    bad.write_text(f"{policy}<img src='data:,'>{script}")
    visit(bad).wait_for_timeout(500)
    found, wrong[:] = sorted(wrong), []
    assert found[1:] == ["rejected", "thrown", "warned"]
    assert "Content Security Policy" in found[0]


def test_nothing_from_a_plugin_runs(visit, file):
    front = visit(file)
    for link in front.locator("#list a").all():
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
    compared = visit(file, f"compare identity with {EVIL}")
    expect(compared.locator("main h2")).to_have_text(f"identity and {EVIL}")
    for page in (front, compared):
        assert page.evaluate("window.ran") is None
        assert page.locator("img").evaluate_all("all => all.every((one) => /^(data|file):/.test(one.src))")


def test_tables_sort_best_first_filter_and_show_metrics(visit, file):
    page = visit(file, "d1 (test)")
    names = page.locator("#table tbody .name")
    heads = page.locator("#table thead th")
    expect(names).to_have_text(["gan-d", EVIL, "identity", "median"])
    assert heads.evaluate_all("all => all.every((one) => one.tabIndex === 0 || one.querySelector('[tabindex=\"0\"]'))")
    expect(heads.filter(has_text="mae ↓")).to_have_count(0)
    expect(heads.filter(has_text="ssim ↑")).to_have_attribute("title", "Structural similarity; higher is better")
    heads.filter(has_text="ssim ↑").click()
    expect(names).to_have_text(["median", "gan-d", EVIL, "identity"])
    expect(page.locator("#table thead th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    for direction in ("ascending", "descending"):
        heads.filter(has_text="ms ↓").click()
        expect(page.locator("#table thead th[aria-sort]")).to_have_attribute("aria-sort", direction)
        expect(names.first).to_have_text(EVIL)  # the only one with a time: blanks are last in both directions
    page.get_by_role("searchbox", name="Method").fill("gan")
    expect(names).to_have_text(["gan-d"])
    page.get_by_role("searchbox", name="Method").fill("")
    page.locator("#family").select_option("rank order")
    expect(names).to_have_text(["median"])
    page.get_by_text("Metrics", exact=True).click()
    page.get_by_role("checkbox", name="mae ↓").check()
    expect(heads.filter(has_text="mae ↓")).to_have_count(1)
    cells = page.locator("#table tbody td").all_text_contents()
    assert any("(1 failed)" in cell for cell in cells)
    assert any(re.match(r"2\d\.\d\d\[2\d\.\d, 2\d\.\d\]", cell) for cell in cells)


def test_the_list_is_grouped_searched_and_leads_to_every_board(visit, file):
    page = visit(file)
    shown = page.locator("#list li:visible")
    names = ["Which method?", "d1 (test)", f"{EVIL} (test)", "Speed"]
    expect(page.locator("#list h2")).to_have_text(["Overview", "Simulated speckle", "Real B-mode", "Studies"])
    expect(shown).to_have_text(names)
    page.get_by_label("Find a board").fill("simulated d1")
    expect(shown).to_have_text(["d1 (test)"])
    page.get_by_label("Find a board").fill("")
    for name, title in zip(names[::-1], ["Speed", *names[2:0:-1], "Which method for my purpose?"], strict=True):
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.locator("main h2").first).to_have_text(title)
        expect(page.locator("[aria-current=page]")).to_have_text(name)
        expect(page.locator("#board")).to_be_focused()


def test_every_control_has_a_name_and_the_fastest_method_is_first(visit, file):
    page = visit(file, "Speed")
    fastest = page.locator("#machine0 tbody tr")
    expect(fastest).to_have_text([re.compile(r"^lee9\.00 ± 0\.1"), re.compile("^" + re.escape(EVIL))])
    labelled = "(one) => one.labels?.length || one.textContent.trim() || one.getAttribute('aria-label')"
    controls = page.locator("select, input, button")
    assert controls.evaluate_all(f"all => all.filter((one) => !({labelled})(one)).length") == 0


def test_cards_open_and_name_the_command(visit, file):
    page = visit(file, "d1 (test)")
    page.locator("#table .name").first.click()
    card = page.get_by_role("dialog")
    expect(card).to_contain_text("GAN")
    expect(card).to_contain_text("usbench apply -m gan-d scan.dcm")
    card.get_by_role("button", name="Close").click()
    expect(card).to_be_hidden()


def test_on_a_phone_the_list_is_closed_until_it_is_asked_for(visit, file):
    page = visit(file, width=360)
    link = page.get_by_role("link", name="d1 (test)", exact=True).first
    expect(link).to_be_hidden()
    page.get_by_text("Boards", exact=True).click()
    link.click()
    expect(page.locator("main h2")).to_have_text("d1 (test)")
    expect(link).to_be_hidden()


def test_plots_are_drawn_and_follow_the_metric(visit, file):
    page = visit(file, "d1 (test)")
    said = page.locator(".plot > p")
    expect(page.locator(".plot .main-svg").nth(2)).to_be_attached()
    expect(said.nth(0)).to_contain_text("Mean ranks by psnr over 24 groups")
    expect(said.nth(1)).to_contain_text(f"both faster and better. {EVIL}.")  # the only one with a time
    expect(said.nth(2)).to_contain_text("gan-d is higher in 24 of 24")
    page.locator("#metric").select_option("ssim ↑")
    expect(said.nth(0)).to_contain_text("Mean ranks by ssim")
    expect(page.locator(".plot").first.locator(".ytick")).to_have_count(4)


PIXEL = """(canvas, [place, grey]) => new Promise((done) => {
    const copy = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const seen = () => {
        copy.drawImage(canvas, -place, -4);
        return [...copy.getImageData(0, 0, 1, 1).data].slice(0, 3).join();
    };
    const look = () => seen() === grey.join() ? done(true) : setTimeout(look, 20);
    setTimeout(() => done(seen()), 20000);
    look();
})"""


def shows(page: Page, place: int, *grey: int) -> None:
    """Assert that a pixel of the picture becomes a grey, or a colour."""
    colour = grey * 3 if len(grey) == 1 else grey
    assert page.locator(".stage canvas").evaluate(PIXEL, [place, colour]) is True


def test_images_flip_slide_and_differ(visit, file):
    page = visit(file, "d1 (test)")
    first, second = page.locator("#view-first0"), page.locator("#view-second0")
    options = first.locator("option").all_text_contents()
    assert options[:2] == ["input", "reference"]
    assert set(options[2:4]) == {"gan-d", EVIL}
    assert options[4:] == [f"uncertainty of {EVIL}, 0 to 0.1"]
    expect(second.locator("option:checked")).to_have_text("gan-d")
    shows(page, 2, 50)
    shows(page, 40, 110)
    page.get_by_label("Where the second image begins").fill("0")
    shows(page, 2, 110)
    page.get_by_label("Show").select_option("first")
    shows(page, 2, 50)
    expect(page.locator(".viewer [aria-live]")).to_have_text(re.compile(r"^input \(psnr \S+ dB, ssim 0\.200\)$"))
    page.get_by_role("button", name="Flip").click()
    shows(page, 2, 110)
    page.get_by_label("Show").select_option(index=3)  # difference
    shows(page, 2, 128 + 2 * (50 - 110))
    page.get_by_label("Show").select_option(index=4)  # ratio
    shows(page, 2, round(128 * 50 / 110))
    page.get_by_label("regions").check()
    shows(page, 5, 255, 176, 0)
    shows(page, 2, round(128 * 50 / 110))
    assert page.locator(".stage canvas").evaluate("canvas => [canvas.width, canvas.height]") == [48, 32]


def test_an_uncertainty_is_one_more_picture_with_its_scale(visit, file):
    page = visit(file, "d1 (test)")
    page.get_by_label("Show").select_option("first")
    page.locator("#view-first0").select_option(index=4)
    said = f"uncertainty of {EVIL} (standard deviation: black is 0, white 0.1 of the grey range or more)"
    expect(page.locator(".viewer [aria-live]")).to_have_text(said)
    expect(page.locator(".stage canvas")).to_have_attribute("aria-label", f"Sample s0000: {said}")
    shows(page, 2, 30)


@pytest.mark.parametrize("width", [360, 1900])
def test_the_page_fits_phones_and_wide_screens_in_light_and_dark(visit, file, width):
    page = visit(file, width=width)
    for view in ("Which method?", "d1 (test)", f"{EVIL} (test)", "Speed"):
        go_to(page, view)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    paper = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(paper)
    page.get_by_label("Switch between light and dark").click()
    expect(page.locator("body")).not_to_have_css("background-color", before)
